// The filters of the Activity page.
import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useClusterList } from '@/lib/clusters/cache';
import { useLive } from '@/lib/live';
import { membersQuery } from '@/lib/people/queries';
import { useMe } from '@/lib/session/me';
import classes from './activity.module.css';
import { type ActivitySearch, activitySearch, KINDS } from './search';

export function Filters(props: {
  search: ActivitySearch;
  organization: string;
  onChange: (more: ActivitySearch) => void;
}) {
  const { search, organization, onChange } = props;
  const me = useMe();
  const workspaces = me.workspaces.filter((one) => one.organization_id === organization);
  const members = useQuery(membersQuery(organization)).data ?? [];
  return (
    <search className={classes.filters} aria-label="Activity filters">
      <Select
        label="Organization"
        allowDeselect={false}
        data={me.organizations.map(({ organization_id, name, personal }) => ({
          value: organization_id,
          label: personal ? `${name} (personal)` : name,
        }))}
        value={organization}
        onChange={(of) =>
          of && onChange({ of, workspace: undefined, cluster: undefined, user: undefined })
        }
      />
      <Select
        label="Workspace"
        placeholder="All"
        clearable
        data={workspaces.map(({ id, name }) => ({ value: id, label: name }))}
        value={search.workspace ?? null}
        onChange={(value) => onChange({ workspace: value ?? undefined, cluster: undefined })}
      />
      <ClusterSelect {...props} />
      <Select
        label="Requested by"
        placeholder="Anyone"
        clearable
        searchable
        data={members.map(({ user_id, name }) => ({ value: user_id, label: name }))}
        value={search.user ?? null}
        onChange={(value) => onChange({ user: value ?? undefined })}
      />
      <Select
        label="Kind"
        placeholder="Any"
        clearable
        data={KINDS.map(({ value, label }) => ({ value, label }))}
        value={search.kind ?? null}
        onChange={(kind) => onChange({ kind: activitySearch({ kind }).kind })}
      />
      <div className={classes.days}>
        <Day label="From" value={search.from} onChange={(from) => onChange({ from })} />
        <Day label="Until" value={search.until} onChange={(until) => onChange({ until })} />
      </div>
    </search>
  );
}

function ClusterSelect(props: {
  search: ActivitySearch;
  organization: string;
  onChange: (more: ActivitySearch) => void;
}) {
  const { search, organization, onChange } = props;
  const { cache } = useLive();
  const clusters = (useClusterList(cache).data?.items ?? [])
    .filter((one) => one.organization_id === organization)
    .filter((one) => !search.workspace || one.workspace_id === search.workspace)
    .map(({ id, name }) => ({ value: id, label: name }));
  // One that is gone can still be asked for by a link.
  if (search.cluster && !clusters.some(({ value }) => value === search.cluster)) {
    clusters.push({ value: search.cluster, label: 'Deleted cluster' });
  }
  return (
    <Select
      label="Cluster"
      placeholder="Any"
      clearable
      searchable
      nothingFoundMessage="No matching clusters"
      data={clusters}
      value={search.cluster ?? null}
      onChange={(value) => onChange({ cluster: value ?? undefined })}
    />
  );
}

function Day(props: {
  label: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}) {
  return (
    <TextInput
      type="date"
      label={props.label}
      value={props.value ?? ''}
      onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
    />
  );
}
