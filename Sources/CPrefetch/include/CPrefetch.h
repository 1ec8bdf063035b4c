// What Swift has no word for: asking the processor to bring memory nearer, without waiting for it (any address is fine), and asking it
// what it can.
#ifndef CPREFETCH_H
#define CPREFETCH_H

#include <stdbool.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

// It has instructions for SHA-256 (leaf 7 of CPUID, EBX bit 29), which the cryptography library uses where they are. False where it
// cannot be asked.
static inline bool processor_has_sha(void) {
#if defined(__x86_64__)
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) != 0;
#else
  return false;
#endif
}

// Brings `size` bytes nearer.
static inline void prefetch_bytes(const void *start, long size) {
  for (long place = 0; place < size; place += 64) __builtin_prefetch((const char *)start + place, 0, 3);
}

#endif
