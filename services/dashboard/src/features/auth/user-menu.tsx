// The menu of the signed-in person: their pages, downloads, log-out.
import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import {
  IconBook2,
  IconBuilding,
  IconChevronDown,
  IconKey,
  IconLogout,
  IconTerminal2,
  IconUserCircle,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { User } from '@/lib/api/types';
import { initials } from '@/lib/people/initials';
import classes from './user-menu.module.css';

export function UserMenu(props: { user: User; busy: boolean; onLogOut: () => void }) {
  const { user } = props;
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.target}>
          <VisuallyHidden>Account of {user.name}</VisuallyHidden>
          <Avatar size={30} radius="xl" color="yard" variant="filled" aria-hidden>
            {initials(user.name)}
          </Avatar>
          <span className={classes.name} aria-hidden>
            {user.name}
          </span>
          <IconChevronDown className={classes.chevron} size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <Text fw={600} size="sm" truncate>
            {user.name}
          </Text>
          <Text c="dimmed" size="xs" truncate>
            {user.email}
          </Text>
          {user.is_admin && (
            <Text size="xs" c="dimmed">
              Administrator
            </Text>
          )}
        </div>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUserCircle size={16} aria-hidden />}
          renderRoot={(root) => <Link to="/profile" {...root} />}
        >
          Profile
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBuilding size={16} aria-hidden />}
          renderRoot={(root) => <Link to="/organizations" {...root} />}
        >
          Organizations
        </Menu.Item>
        {user.is_admin && (
          <Menu.Item
            leftSection={<IconKey size={16} aria-hidden />}
            renderRoot={(root) => <Link to="/hosts" hash="reset-password" {...root} />}
          >
            Reset a password
          </Menu.Item>
        )}
        <Menu.Item component="a" href="/docs" leftSection={<IconBook2 size={16} aria-hidden />}>
          API documentation
        </Menu.Item>
        <Menu.Item
          component="a"
          href="/download/labyard"
          download="labyard"
          leftSection={<IconTerminal2 size={16} aria-hidden />}
        >
          Download command line
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          disabled={props.busy}
          onClick={props.onLogOut}
        >
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
