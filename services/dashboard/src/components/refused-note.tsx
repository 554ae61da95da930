// Why a login by a provider was refused, in words.
import { IconAlertTriangle } from '@tabler/icons-react';
import { Note } from './note';

const WORDS: Record<string, [title: string, text: string]> = {
  provider_away: [
    'The provider isn’t responding',
    'Try again in a moment, or log in another way. Nothing has changed.',
  ],
  stale: [
    'This login expired',
    'It took longer than 10 minutes, was started in another browser, or was already used. Start again.',
  ],
  denied: [
    'The provider denied the login',
    'You or the provider canceled it. Try again if you meant to log in.',
  ],
  untrusted: [
    'The provider’s answer couldn’t be verified',
    'Try again. If this keeps happening, contact your administrator.',
  ],
  unverified: [
    'Your email isn’t verified by the provider',
    'Verify it with the provider, then log in again.',
  ],
  other_domain: [
    'Your email domain isn’t allowed',
    'Log in to the provider with an account of an allowed domain.',
  ],
  closed: [
    'You don’t have an account yet',
    'New accounts need an invitation. Open its link, then choose the provider there.',
  ],
  email_taken: [
    'Your email already has an account',
    'Log in the usual way, then connect the provider in your profile.',
  ],
  identity_taken: [
    'That account is connected to another user',
    'Disconnect it there first, or choose another account of the provider.',
  ],
  invitation: [
    'The invitation doesn’t work',
    'It was used, revoked, has expired, or is for another email.',
  ],
};

export function RefusedNote({ why }: { why: string }) {
  const [title, text] = WORDS[why] ?? ['Couldn’t log in', 'Try again.'];
  return (
    <Note tone="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title}>
      {text}
    </Note>
  );
}
