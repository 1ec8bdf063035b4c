#include "sgxbench.h"

// The functions are in Swift (Sources/SGXBenchLibrary), each checked against this header by its compiler.
