// Runs a listener so that its failure ends neither the connection nor the other listeners.
export function safely(act: () => void) {
  try {
    act();
  } catch (thrown) {
    console.error(thrown);
  }
}
