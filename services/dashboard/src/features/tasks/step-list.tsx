// The steps of a task: each with its mark, its time, who did it and what was done.
import { Collapse, Text } from '@mantine/core';
import { useState } from 'react';
import { FoldButton } from '@/components/fold-button';
import { ToneMark } from '@/components/tone-badge';
import type { Step, Task, TaskStep } from '@/lib/api/types';
import { allSteps, stateOfStep, statusOf, stepWords } from '@/lib/tasks/words';
import { exact, span } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './step-list.module.css';

export function StepList({ task }: { task: Task }) {
  const steps = allSteps(task);
  if (steps.length === 0) return null;
  return (
    <ol className={classes.steps} aria-label="Steps">
      {steps.map(({ step, done }) => (
        <StepItem key={step} task={task} step={step} done={done} />
      ))}
    </ol>
  );
}

function StepItem({ task, step, done }: { task: Task; step: Step; done?: TaskStep }) {
  const state = stateOfStep(task, done);
  const { look, word } = statusOf(state);
  // The log of a step that failed or is under way is open.
  const [opened, setOpened] = useState<boolean | null>(null);
  const log = done?.log ?? [];
  const shown = opened ?? (state === 'failed' || state === 'in_progress');
  return (
    <li className={classes.step} data-state={state} data-testid={`step-${step}`}>
      <ToneMark look={look} size={18} />
      <div className={classes.body}>
        <div className={classes.line}>
          <span className={classes.words}>
            {stepWords(step)}
            <span className="visually-hidden">: {done ? word : 'to come'}</span>
          </span>
          {done && <StepTime step={done} open={state === 'in_progress'} />}
        </div>
        {done?.reason && done.reason.message !== task.reason?.message && (
          <Text size="sm" className={classes.reason}>
            {done.reason.message} {done.reason.fix}
          </Text>
        )}
        {log.length > 0 && (
          <>
            <FoldButton open={shown} onToggle={() => setOpened(!shown)}>
              Log, {log.length === 1 ? '1 line' : `${log.length} lines`}
            </FoldButton>
            <Collapse expanded={shown} transitionDuration={0}>
              <pre className={classes.log}>{log.join('\n')}</pre>
            </Collapse>
          </>
        )}
      </div>
    </li>
  );
}

function StepTime({ step, open }: { step: TaskStep; open: boolean }) {
  const now = useNow();
  const began = Date.parse(step.started_at);
  const end = step.ended_at ? Date.parse(step.ended_at) : open ? now : undefined;
  return (
    <span className={classes.facts} title={`Started ${exact(step.started_at)}`}>
      {end !== undefined && <span>{span(end - began)}</span>}
      {step.worker && <span className={classes.worker}>{step.worker}</span>}
    </span>
  );
}
