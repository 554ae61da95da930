// Why a login by a provider came back without one, in words.
import { IconAlertTriangle } from '@tabler/icons-react';
import { Note } from '@/components/note';

const WORDS: Record<string, [title: string, text: string]> = {
  provider_away: [
    'The provider does not answer',
    'Try again in a moment, or log in another way. Nothing of yours has changed.',
  ],
  stale: [
    'This login is over',
    'It took longer than ten minutes, was begun in another browser, or had ended already. Begin again.',
  ],
  denied: [
    'The provider let nobody in',
    'You or the provider said no. Begin again if you meant yes.',
  ],
  untrusted: [
    'The provider’s answer is not proven',
    'Begin again; if it stays so, tell whoever set this labyard up.',
  ],
  unverified: [
    'Your e-mail address is not verified there',
    'Let the provider verify it, then log in again.',
  ],
  other_domain: [
    'Your e-mail address may not come in here',
    'Only addresses of certain domains may. Log in there with another account.',
  ],
  closed: [
    'You have no account here yet',
    'New people come in by an invitation only: open its link, then choose the provider there.',
  ],
  email_taken: [
    'Your e-mail address has an account here',
    'Log in the way you did so far, then connect the provider in your profile.',
  ],
  identity_taken: [
    'That account is connected to somebody else',
    'Disconnect it there first, or choose another account of the provider.',
  ],
  invitation: [
    'The invitation is not good',
    'It was taken, taken back, is too old, or is for another address.',
  ],
};

export function RefusedNote({ why }: { why: string }) {
  const [title, text] = WORDS[why] ?? ['That did not work', 'Begin again.'];
  return (
    <Note tone="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title}>
      {text}
    </Note>
  );
}
