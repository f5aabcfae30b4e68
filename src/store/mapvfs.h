/* A VFS over the engine's own: the file is read through one map that all connections of the process share.
 *
 * SQLite's own map is of each connection, ends at 2 GB, and is dropped whenever anybody has committed, since the file might
 * have been cut meanwhile. With a commit for each page shown (the read log) every request then maps and faults the file
 * anew: four times the CPU of the page. This one stays, grows with the file, and only never goes beyond its end. */
#ifndef STORE_MAPVFS_H
#define STORE_MAPVFS_H
#include <stdint.h>

/* Name of the VFS for sqlite3_open_v2; null (the default one) when another VFS than the engine's own is the default.
 * `room`: bytes of address space for a file, 0: no map. What lies behind is read as usual. */
const char *mapvfs_name(int64_t room);

#endif
