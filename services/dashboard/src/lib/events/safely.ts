// One listener that fails must not take the connection, nor what the others hear.
export function safely(act: () => void) {
  try {
    act();
  } catch (thrown) {
    console.error(thrown);
  }
}
