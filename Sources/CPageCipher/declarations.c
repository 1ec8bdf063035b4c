#include "CPageCipher.h"

// The functions are swift-crypto's; a target of C needs a source.
