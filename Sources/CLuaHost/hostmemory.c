// What the machine still gives. Swift ends the process where memory is refused, and a group of processes that takes more than its limit is
// ended from outside: so whoever is about to take much asks first.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include "internal.h"

// What stays free whatever is asked for: the report, what others take until the next question, and what is not counted.
enum { RESERVE = 32 << 20, PATH_ROOM = 1024, TEXT_ROOM = 4096 };

// The beginning of a file as text; false where there is none.
static bool read_text(const char *path, char *room, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  size_t length = 0;
  for (ssize_t count; length + 1 < size && (count = read(file, room + length, size - 1 - length)) > 0;) length += (size_t)count;
  close(file);
  room[length] = 0;
  return length > 0;
}

// The number behind `name` at the beginning of a line; 0 where it is not there.
static uint64_t number_of(const char *text, const char *name) {
  const size_t length = strlen(name);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, name, length) == 0) return strtoull(line + length, NULL, 10);
  }
  return 0;
}

// Names of a group's files in both versions (Documentation/admin-guide/cgroup-v2.rst, Memory Interface Files; cgroup-v1/memory.rst).
typedef struct cgroup_files { const char *limit, *usage, *file_active, *file_inactive; } cgroup_files;

static const cgroup_files version1 = { "memory.limit_in_bytes", "memory.usage_in_bytes", "total_active_file ", "total_inactive_file " };
static const cgroup_files version2 = { "memory.max", "memory.current", "active_file ", "inactive_file " };

// Bytes that one group may still take; what it has of files can be given up.
static uint64_t left_in(const char *folder, const cgroup_files *files) {
  char path[PATH_ROOM], text[TEXT_ROOM];
  snprintf(path, sizeof path, "%s/%s", folder, files->limit);
  // Version 2 says "max" where there is no limit, version 1 a number near 2^63.
  if (!read_text(path, text, sizeof text) || text[0] < '0' || text[0] > '9') return UINT64_MAX;
  const uint64_t limit = strtoull(text, NULL, 10);
  if (limit > UINT64_MAX >> 2) return UINT64_MAX;
  snprintf(path, sizeof path, "%s/%s", folder, files->usage);
  uint64_t usage = read_text(path, text, sizeof text) ? strtoull(text, NULL, 10) : 0;
  snprintf(path, sizeof path, "%s/memory.stat", folder);
  if (read_text(path, text, sizeof text)) {
    const uint64_t given_up = number_of(text, files->file_active) + number_of(text, files->file_inactive);
    usage = usage > given_up ? usage - given_up : 0;
  }
  return limit > usage ? limit - usage : 0;
}

// The least that is left in the group and in those around it, up to the mount.
static uint64_t left_up_from(const char *mount, const char *group, const cgroup_files *files) {
  char folder[PATH_ROOM];
  const size_t root = strlen(mount);
  snprintf(folder, sizeof folder, "%s%s", mount, group);
  uint64_t least = UINT64_MAX;
  while (true) {
    const uint64_t left = left_in(folder, files);
    if (left < least) least = left;
    char *last = strrchr(folder, '/');
    // Inside a container the name is often that of the world outside: then the mount itself is the group.
    if (last == NULL || (size_t)(last - folder) < root || strlen(folder) <= root) return least;
    *last = 0;
  }
}

// The group of the process in a hierarchy, of its line "NUMBER:CONTROLLERS:PATH".
static bool group_of(const char *text, const char *controllers, char *room, size_t size) {
  for (const char *line = text; line != NULL && *line != 0; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    const char *first = strchr(line, ':'), *second = first == NULL ? NULL : strchr(first + 1, ':');
    if (second == NULL) return false;
    const size_t length = (size_t)(second - first - 1);
    if (length != strlen(controllers) || strncmp(first + 1, controllers, length) != 0) continue;
    const size_t end = strcspn(second + 1, "\n");
    snprintf(room, size, "%.*s", (int)end, second + 1);
    return true;
  }
  return false;
}

uint64_t luahost_memory_left(const char *processes, const char *system) {
  char path[PATH_ROOM], text[TEXT_ROOM], group[PATH_ROOM], mount[PATH_ROOM];
  uint64_t least = UINT64_MAX;
  snprintf(path, sizeof path, "%s/meminfo", processes);
  if (read_text(path, text, sizeof text)) {
    const uint64_t free = number_of(text, "MemAvailable:") + number_of(text, "SwapFree:");
    if (free > 0) least = free << 10;
  }
  snprintf(path, sizeof path, "%s/self/cgroup", processes);
  if (!read_text(path, text, sizeof text)) return least;
  if (group_of(text, "memory", group, sizeof group)) {
    snprintf(mount, sizeof mount, "%s/memory", system);
    const uint64_t left = left_up_from(mount, group, &version1);
    if (left < least) least = left;
  }
  if (group_of(text, "", group, sizeof group)) {
    const uint64_t left = left_up_from(system, group, &version2);
    if (left < least) least = left;
  }
  return least;
}

bool luahost_memory_is_there(size_t bytes) {
  if (bytes > SIZE_MAX - RESERVE) return false;
  // A limit of the process (RLIMIT_AS, RLIMIT_DATA) refuses here.
  void *probe = malloc(bytes + RESERVE);
  if (probe == NULL) {
    errno = 0;
    return false;
  }
  free(probe);
  return luahost_memory_left("/proc", "/sys/fs/cgroup") >= bytes + RESERVE;
}
