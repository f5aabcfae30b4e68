#include "store/mapvfs.h"
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

static const sqlite3_int64 GROWN = 8 << 20;

static sqlite3_vfs *engine, ours;
static const sqlite3_io_methods *engine_methods; /* of main database files: all the same */
static sqlite3_io_methods our_methods;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Behind the engine's own file: how large the file was when the map was last renewed. */
static sqlite3_int64 *mapped_size(sqlite3_file *file)
{
    return (sqlite3_int64 *)((char *)file + engine->szOsFile);
}

/* SQLite calls it with a null page when it thinks the map may be stale: after somebody's commit. */
static int unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page)
{
    sqlite3_int64 size, *mapped = mapped_size(file);
    if (page || engine_methods->xFileSize(file, &size) != SQLITE_OK)
        return engine_methods->xUnfetch(file, offset, page);
    if (size >= *mapped && size - *mapped < GROWN)
        return SQLITE_OK;
    *mapped = size;
    return engine_methods->xUnfetch(file, offset, page);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    int rc = engine->xOpen(engine, name, file, flags, out);
    if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_MAIN_DB) || file->pMethods->iVersion < 3)
        return rc;
    pthread_mutex_lock(&lock);
    if (!engine_methods) {
        engine_methods = file->pMethods;
        our_methods = *engine_methods;
        our_methods.xUnfetch = unfetch;
    }
    if (file->pMethods == engine_methods) {
        *mapped_size(file) = 0;
        file->pMethods = &our_methods;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

const char *mapvfs_name(void)
{
    pthread_mutex_lock(&lock);
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (!engine && found && strcmp(found->zName, "unix") == 0) {
        engine = found;
        ours = *found;
        ours.zName = "bereg";
        ours.szOsFile = found->szOsFile + (int)sizeof(sqlite3_int64);
        ours.xOpen = open_file;
        sqlite3_vfs_register(&ours, 0);
    }
    const char *name = engine && found == engine ? ours.zName : NULL;
    pthread_mutex_unlock(&lock);
    return name;
}
