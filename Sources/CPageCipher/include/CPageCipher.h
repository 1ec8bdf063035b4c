// Declarations of five functions of BoringSSL, which swift-crypto links statically but does not show.
//
// Through swift-crypto's public API each page pays for a key schedule and several allocations, four times what its encryption costs.
// These functions keep the key schedule (Docs/Decisions.md has the figures). They are no supported surface of swift-crypto: its version is
// pinned exactly, a function that is renamed fails to link, the first use compares one page with the public API, and a test many.

#ifndef SGXBENCH_CPAGECIPHER_H
#define SGXBENCH_CPAGECIPHER_H

#include <stddef.h>
#include <stdint.h>
#include "CRunningHash.h"

typedef struct sgxbench_aead sgxbench_aead;
typedef struct sgxbench_aead_context sgxbench_aead_context;

const sgxbench_aead *CCryptoBoringSSL_EVP_aead_aes_128_gcm(void);
sgxbench_aead_context *CCryptoBoringSSL_EVP_AEAD_CTX_new(
    const sgxbench_aead *aead, const uint8_t *key, size_t key_length, size_t tag_length);
void CCryptoBoringSSL_EVP_AEAD_CTX_free(sgxbench_aead_context *context);

// Both return 1 on success. Ciphertext and tag go to places of their own; the output is as long as the input.
int CCryptoBoringSSL_EVP_AEAD_CTX_seal_scatter(
    const sgxbench_aead_context *context, uint8_t *out, uint8_t *tag, size_t *tag_length, size_t tag_length_max,
    const uint8_t *nonce, size_t nonce_length, const uint8_t *in, size_t in_length, const uint8_t *extra, size_t extra_length,
    const uint8_t *authenticated, size_t authenticated_length);
int CCryptoBoringSSL_EVP_AEAD_CTX_open_gather(
    const sgxbench_aead_context *context, uint8_t *out, const uint8_t *nonce, size_t nonce_length, const uint8_t *in,
    size_t in_length, const uint8_t *tag, size_t tag_length, const uint8_t *authenticated, size_t authenticated_length);

#endif
