// /profile: one's name, password, connected accounts, API tokens, sessions, and the account's deletion.
import { useDocumentTitle } from '@mantine/hooks';
import { PageHead } from '@/components/page-head';
import { useMe } from '@/lib/session/me';
import { moment } from '@/lib/time/format';
import { Connections } from './connections';
import { DeleteAccount } from './delete-account';
import { Identity } from './identity';
import { Password } from './password';
import classes from './profile.module.css';
import { Sessions } from './sessions';
import { Tokens } from './tokens';

/** What came of connecting an account of a provider. */
export interface ProfileSearch {
  connected?: string;
  refused?: string;
}

export const profileSearch = (search: Record<string, unknown>): ProfileSearch => ({
  ...(typeof search.connected === 'string' ? { connected: search.connected } : {}),
  ...(typeof search.refused === 'string' ? { refused: search.refused } : {}),
});

export function ProfilePage() {
  useDocumentTitle('Profile · labyard');
  const { user } = useMe();
  return (
    <>
      <PageHead
        title={user.name}
        about={
          <>
            {user.email} · joined {moment(user.created_at)}
            {user.is_admin && ' · administrator'}
          </>
        }
      />
      <div className={classes.stack}>
        <Identity />
        <Password />
        <Connections />
        <Tokens />
        <Sessions />
        <DeleteAccount />
      </div>
    </>
  );
}
