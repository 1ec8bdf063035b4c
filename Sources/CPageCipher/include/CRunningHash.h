// Declarations of three functions of BoringSSL, which swift-crypto links statically but does not show; CPageCipher.h says on what terms.
//
// Through swift-crypto's public API each call looks whether the hash's object is shared and whether somebody else is changing it. A measurement
// makes four calls a page, and those looks took a fiftieth of the hashing.

#ifndef SGXBENCH_CRUNNINGHASH_H
#define SGXBENCH_CRUNNINGHASH_H

#include <stddef.h>
#include <stdint.h>

// SHA256_CTX: 112 bytes without pointers, so that a copy goes on alone. The room is larger, and nothing reads what is in it.
typedef struct sgxbench_sha256 { uint64_t room[16]; } sgxbench_sha256;

int CCryptoBoringSSL_SHA256_Init(sgxbench_sha256 *hash);
int CCryptoBoringSSL_SHA256_Update(sgxbench_sha256 *hash, const void *bytes, size_t length);
int CCryptoBoringSSL_SHA256_Final(uint8_t digest[32], sgxbench_sha256 *hash);

#endif
