// Which sources a program was built of. The function is SourceTreeDigest's, which programs link and nobody imports, so that a change of the
// sources compiles that one module again and no other.
#ifndef CSOURCETREE_H
#define CSOURCETREE_H

// Twelve hexadecimal digits, or "unknown" in a program that leaves SourceTreeDigest out.
const char *sgxbench_source_tree(void);

#endif
