// Signs this browser out when its login is over: nothing of the person stays on the page.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useLive } from '@/lib/live';

export function useLeave() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { logOut } = useLive();
  return async () => {
    logOut();
    queries.clear();
    await navigate({ to: '/login', replace: true });
  };
}
