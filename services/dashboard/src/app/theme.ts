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

export const theme = createTheme({
  primaryColor: 'yard',
  primaryShade: 7,
  colors: { yard, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
