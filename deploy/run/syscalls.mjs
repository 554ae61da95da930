// Owns the numbers of the system calls a process may wait in, and what each waits for.

/** By name: what the wait is, its numbers on x64 and arm64. A `%` stands for the first argument's file. */
const CALLS = {
  read: ["read of %", 0, 63],
  readv: ["read of %", 19, 65],
  pread64: ["read of %", 17, 67],
  recvfrom: ["read of %", 45, 207],
  recvmsg: ["read of %", 47, 212],
  recvmmsg: ["read of %", 299, 243],
  write: ["write to %", 1, 64],
  writev: ["write to %", 20, 66],
  pwrite64: ["write to %", 18, 68],
  sendto: ["write to %", 44, 206],
  sendmsg: ["write to %", 46, 211],
  connect: ["connection of %", 42, 203],
  accept: ["connection to %", 43, 202],
  accept4: ["connection to %", 288, 242],
  flock: ["lock on %", 73, 32],
  fcntl: ["lock on %", 72, 25],
  fsync: ["disk to take %", 74, 82],
  fdatasync: ["disk to take %", 75, 83],
  open: ["open", 2, undefined],
  openat: ["open", 257, 56],
  openat2: ["open", 437, 437],
  wait4: ["child", 61, 260],
  waitid: ["child", 247, 95],
  poll: ["events of files or sockets (poll)", 7, undefined],
  ppoll: ["events of files or sockets (poll)", 271, 73],
  select: ["events of files or sockets (select)", 23, undefined],
  pselect6: ["events of files or sockets (select)", 270, 72],
  epoll_wait: ["events of files or sockets (epoll)", 232, undefined],
  epoll_pwait: ["events of files or sockets (epoll)", 281, 22],
  epoll_pwait2: ["events of files or sockets (epoll)", 441, 441],
  io_uring_enter: ["events of files or sockets (io_uring)", 426, 426],
  futex: ["another thread or a lock in memory (futex)", 202, 98],
  futex_wait: ["another thread or a lock in memory (futex)", 455, 455],
  nanosleep: ["the end of a sleep", 35, 101],
  clock_nanosleep: ["the end of a sleep", 230, 115],
  restart_syscall: ["the end of a sleep or events, resumed after a stop", 219, 128],
  pause: ["a signal", 34, undefined],
  rt_sigsuspend: ["a signal", 130, 133],
  rt_sigtimedwait: ["a signal", 128, 137],
};

const COLUMN = { x64: 1, arm64: 2 }[process.arch];

/** @type {Map<number, {name: string, words: string}>} empty on other processors */
export const calls = new Map(
  Object.entries(CALLS)
    .filter(([, call]) => COLUMN && call[COLUMN] !== undefined)
    .map(([name, call]) => [call[COLUMN], { name, words: call[0] }]),
);
