// How a state looks: an icon in one of the page's tones.
import type { IconCircleCheck } from '@tabler/icons-react';

export type Tone = 'green' | 'blue' | 'red' | 'orange' | 'gray';

export interface Look {
  icon: typeof IconCircleCheck;
  tone: Tone;
  turns?: boolean;
}
