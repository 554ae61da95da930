// The task monitor beside the page.
import { Drawer } from '@mantine/core';
import { TaskMonitor } from './task-monitor';

export function TaskDrawer(props: {
  taskId: string | null | undefined;
  onClose: () => void;
  onFollow: (taskId: string) => void;
}) {
  const { taskId, onClose, onFollow } = props;
  return (
    <Drawer
      opened={Boolean(taskId)}
      onClose={onClose}
      position="right"
      size={460}
      title="Task"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {taskId && <TaskMonitor key={taskId} taskId={taskId} onFollow={onFollow} />}
    </Drawer>
  );
}
