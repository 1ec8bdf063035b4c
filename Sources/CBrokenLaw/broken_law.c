#include "CBrokenLaw.h"

_Thread_local uint8_t sgxbench_law_noted;
