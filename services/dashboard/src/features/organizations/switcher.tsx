// The menu that chooses whose clusters the page shows.
import { Menu, UnstyledButton } from '@mantine/core';
import {
  IconBuilding,
  IconCheck,
  IconPlus,
  IconSelector,
  IconSettings,
  IconShare,
  IconStack2,
  IconUser,
} from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Membership } from '@/lib/api/types';
import { roleWords } from '@/lib/people/roles';
import { useMe } from '@/lib/session/me';
import { type Scope, useScope } from '@/lib/session/scope';
import { NewOrganizationDialog } from './new-organization';
import classes from './switcher.module.css';

const nameOf = (scope: Scope) => {
  if (scope.kind === 'organization') return nameIn(scope.membership);
  return scope.kind === 'shared' ? 'Shared with me' : 'Everything';
};
const nameIn = ({ personal, name }: Membership) => (personal ? 'Personal' : name);

export function OrganizationSwitcher() {
  const me = useMe();
  const navigate = useNavigate();
  const { scope, choose } = useScope();
  const [creating, setCreating] = useState(false);
  const go = (next: Scope) => {
    choose(next);
    void navigate({ to: '/dashboard' });
  };
  const chosen = (isIt: boolean) =>
    isIt ? <IconCheck size={15} aria-hidden className={classes.check} /> : undefined;
  return (
    <>
      <Menu position="bottom-start" width={280} shadow="md">
        <Menu.Target>
          <UnstyledButton
            className={classes.target}
            aria-label={`Organization: ${nameOf(scope)}`}
            data-testid="organization-switcher"
          >
            <span className={classes.name}>{nameOf(scope)}</span>
            <IconSelector size={15} aria-hidden className={classes.chevron} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown className={classes.list}>
          <Menu.Item
            leftSection={<IconStack2 size={16} aria-hidden />}
            rightSection={chosen(scope.kind === 'all')}
            onClick={() => go({ kind: 'all' })}
          >
            Everything
          </Menu.Item>
          <Menu.Label>Organizations</Menu.Label>
          {me.organizations.map((membership) => (
            <Menu.Item
              key={membership.organization_id}
              leftSection={
                membership.personal ? (
                  <IconUser size={16} aria-hidden />
                ) : (
                  <IconBuilding size={16} aria-hidden />
                )
              }
              rightSection={
                chosen(
                  scope.kind === 'organization' &&
                    scope.membership.organization_id === membership.organization_id,
                ) ?? <span className={classes.role}>{roleWords(membership.role).word}</span>
              }
              onClick={() => go({ kind: 'organization', membership })}
            >
              <span className={classes.item}>{nameIn(membership)}</span>
            </Menu.Item>
          ))}
          <Menu.Item
            leftSection={<IconShare size={16} aria-hidden />}
            rightSection={chosen(scope.kind === 'shared')}
            onClick={() => go({ kind: 'shared' })}
          >
            Shared with me
          </Menu.Item>
          <Menu.Divider />
          {scope.kind === 'organization' && (
            <Menu.Item
              leftSection={<IconSettings size={16} aria-hidden />}
              renderRoot={(props) => (
                <Link
                  to="/organizations/$id"
                  params={{ id: scope.membership.organization_id }}
                  {...props}
                />
              )}
            >
              People and settings
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconBuilding size={16} aria-hidden />}
            renderRoot={(props) => <Link to="/organizations" {...props} />}
          >
            Manage organizations
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setCreating(true)}
          >
            New organization
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {creating && <NewOrganizationDialog onClose={() => setCreating(false)} />}
    </>
  );
}
