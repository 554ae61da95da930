// Where the page begins.
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import 'virtual:theme.css';
import '@/app/tokens.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App, makeApp } from '@/app/provider';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App app={makeApp()} />
    </StrictMode>,
  );
}
