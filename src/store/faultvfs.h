/* For tests: an SQLite file system whose disk runs full at a chosen write. */
#ifndef STORE_FAULTVFS_H
#define STORE_FAULTVFS_H
#include <stdbool.h>

void fault_vfs_install(void); /* becomes the default; once */
/* The write after `after` more ones fails with SQLITE_FULL; with `stays`, all later ones too. */
void fault_vfs_arm(int after, bool stays);
bool fault_vfs_disarm(void); /* did it fail any? */

#endif
