/* A VFS over the engine's own for files that are read through a map.
 *
 * SQLite drops the whole map of a reader whenever anybody has committed, since the file might have been cut meanwhile.
 * With a commit for each page shown (the read log) every request then maps and faults the file anew: four times the CPU of
 * the page. This VFS keeps the map as long as the file has not shrunk, and renews it when the file has grown by GROWN. */
#ifndef STORE_MAPVFS_H
#define STORE_MAPVFS_H

/* Name of the VFS for sqlite3_open_v2; null (the default one) when another VFS than the engine's own is the default. */
const char *mapvfs_name(void);

#endif
