// Colours, type and shapes. Also read at build time to make the style sheet, so no React here.
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const yard: MantineColorsTuple = [
  '#eef4ff',
  '#dbe6fd',
  '#b3c9f8',
  '#88aaf3',
  '#648fee',
  '#4d7dec',
  '#3f72e6',
  '#2b5fd9',
  '#2352be',
  '#1b449f',
];

const dark: MantineColorsTuple = [
  '#d5dae3',
  '#b4bccb',
  '#96a0b3',
  '#6f7a90',
  '#3b4557',
  '#2c3545',
  '#222a38',
  '#171d28',
  '#11161f',
  '#0b0f16',
];

// Darker than Mantine's from shade 6 on: white text on a red button has enough contrast.
const red: MantineColorsTuple = [
  '#fff5f5',
  '#ffe3e3',
  '#ffc9c9',
  '#ffa8a8',
  '#ff8787',
  '#ff6b6b',
  '#e03131',
  '#c92a2a',
  '#b02525',
  '#992020',
];

export const theme = createTheme({
  primaryColor: 'yard',
  primaryShade: 7,
  colors: { yard, dark, red },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
