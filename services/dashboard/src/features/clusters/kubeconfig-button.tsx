// Downloads a cluster's kubeconfig as `<name>.kubeconfig`.
import { ActionIcon, Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { api } from '@/lib/api/client';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Cluster } from '@/lib/api/types';

/** How long and where a kubeconfig works. */
const limitsOf = ({ host }: Cluster) =>
  `Works for 1 hour, on ${host ?? 'the cluster’s host'} only.`;

function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export function KubeconfigButton(props: {
  cluster: Cluster;
  disabled: boolean;
  withLabel?: boolean;
}) {
  const { cluster, disabled } = props;
  const file = `${cluster.name}.kubeconfig`;
  const limits = limitsOf(cluster);
  const download = useMutation({
    mutationFn: () => api.kubeconfig(cluster.id),
    onSuccess: (text) => {
      save(file, text);
      notifications.show({
        color: 'green',
        title: `Downloaded ${file}`,
        message: `${limits} Try: kubectl --kubeconfig ${file} get nodes`,
      });
    },
    onError: (thrown) =>
      notifications.show({
        color: 'red',
        title: `Couldn’t download the kubeconfig for ${cluster.name}`,
        message: inOneLine(toApiError(thrown)),
      }),
  });
  const label = `Download kubeconfig for ${cluster.name}`;
  if (props.withLabel) {
    return (
      <Button
        variant="default"
        leftSection={<IconDownload size={17} aria-hidden />}
        aria-label={label}
        title={limits}
        disabled={disabled}
        loading={download.isPending}
        onClick={() => download.mutate()}
      >
        Kubeconfig
      </Button>
    );
  }
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title={`Download kubeconfig. ${limits}`}
      disabled={disabled}
      loading={download.isPending}
      onClick={() => download.mutate()}
    >
      <IconDownload size={18} aria-hidden />
    </ActionIcon>
  );
}
