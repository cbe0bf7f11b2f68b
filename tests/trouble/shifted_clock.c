// A library to preload into a server: its wall clock is ahead by the 64-bit number of seconds in the file SHIFTED_CLOCK,
// which may change at any time. Only the wall clock is shifted. libfaketime also converts the deadlines of timerfd, even
// those of the monotonic clock: with the wall clock set back by a day, a timer of the event loop that is due at once
// then expires when the machine has been up for a day.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* seconds;

__attribute__((constructor)) static void map_file(void) {
  const char* const name = getenv("SHIFTED_CLOCK");
  const int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) abort();
  void* const page = mmap(NULL, sizeof *seconds, PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) abort();
  close(fd);
  seconds = page;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = (int)syscall(SYS_clock_gettime, clock, now);
  const int is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && is_wall && seconds != NULL) now->tv_sec += *seconds;
  return result;
}

int gettimeofday(struct timeval* now, void* zone) {
  (void)zone;
  struct timespec time;
  if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* now) {
  struct timespec time;
  if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
  if (now != NULL) *now = time.tv_sec;
  return time.tv_sec;
}
