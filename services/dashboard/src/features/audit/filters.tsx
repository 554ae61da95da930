// The filters of the audit.
import { Autocomplete, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery } from '@/lib/people/queries';
import { useMe } from '@/lib/session/me';
import classes from './audit.module.css';
import { type AuditSearch, choices, OWN } from './search';

/** Suggestions; any other operation of the API document can be typed. */
const COMMON = [
  'create_cluster',
  'delete_cluster',
  'start_cluster',
  'stop_cluster',
  'exec_cluster',
  'get_kubeconfig',
  'create_share',
  'end_share',
  'redeem_share',
  'create_invitation',
  'accept_invitation',
  'change_member',
  'remove_member',
  'create_workspace',
  'change_workspace',
  'login',
  'register',
];

const VERDICTS = [
  { value: 'yes', label: 'Allowed' },
  { value: 'no', label: 'Denied' },
];

export function Filters(props: { search: AuditSearch; onChange: (more: AuditSearch) => void }) {
  const { search, onChange } = props;
  const me = useMe();
  const list = choices(me);
  const of = search.of ?? list[0]?.value ?? OWN;
  const organization = of && of !== OWN ? of : undefined;
  const members = useQuery({ ...membersQuery(organization ?? ''), enabled: Boolean(organization) });
  const [action, setAction] = useState(search.action ?? '');
  const ask = (value: string) => onChange({ action: value.trim() || undefined });
  return (
    <search className={classes.filters} aria-label="Audit filters">
      <Select
        label="Scope"
        allowDeselect={false}
        data={list}
        value={of}
        onChange={(value) => onChange({ of: value || undefined, user: undefined })}
      />
      <Select
        label="Person"
        placeholder="Anyone"
        clearable
        searchable
        disabled={!organization}
        data={(members.data ?? []).map(({ user_id, name }) => ({ value: user_id, label: name }))}
        value={organization ? (search.user ?? null) : null}
        onChange={(value) => onChange({ user: value ?? undefined })}
      />
      <Autocomplete
        label="Action"
        placeholder="Any"
        data={COMMON}
        clearable
        value={action}
        onChange={(value) => {
          setAction(value);
          if (value === '') ask('');
        }}
        onOptionSubmit={ask}
        onBlur={() => action !== (search.action ?? '') && ask(action)}
        onKeyDown={(event) => event.key === 'Enter' && ask(event.currentTarget.value)}
      />
      <Select
        label="Result"
        placeholder="Any"
        clearable
        data={VERDICTS}
        value={search.allowed ?? null}
        onChange={(value) =>
          onChange({ allowed: value === 'yes' || value === 'no' ? value : undefined })
        }
      />
    </search>
  );
}
