// What the build puts in: vite.config.ts and theme-css.ts.
declare const __VERSION__: string;
declare module 'virtual:theme.css';
