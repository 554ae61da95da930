// Leaves this page for another site's.

export const leaveTo = (url: string) => window.location.assign(url);
