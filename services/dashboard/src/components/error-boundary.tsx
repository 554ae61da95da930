// Shows the error of a part that fails to render, instead of an empty page.
import { Component, type ReactNode } from 'react';
import { ProblemAlert } from './problem-alert';

export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? (
      <ProblemAlert error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
    ) : (
      this.props.children
    );
  }
}
