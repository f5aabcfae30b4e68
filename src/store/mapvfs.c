#include "store/mapvfs.h"
#include "base/log.h"
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct map {
    struct map *next;
    dev_t dev;
    ino_t ino;
    int fd; /* open as long as a connection is: closing any descriptor of a file drops the locks
               that the process has on it */
    int users;
    char *at;
    int64_t room;          /* addresses; those behind the end of the file are not touched */
    _Atomic(int64_t) size; /* of the file, as last seen */
};

static sqlite3_vfs *engine, ours;
static const sqlite3_io_methods *engine_methods; /* of main database files: all the same */
static sqlite3_io_methods our_methods;
static struct map *maps;
static int64_t map_room;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Behind the engine's own file. */
static struct map **map_of(sqlite3_file *file)
{
    return (struct map **)((char *)file + engine->szOsFile);
}

static bool look_at_size(sqlite3_file *file, struct map *m)
{
    sqlite3_int64 size;
    if (engine_methods->xFileSize(file, &size) != SQLITE_OK)
        return false;
    atomic_store(&m->size, size);
    return true;
}

/* In a damaged page SQLite may read some bytes behind its end; those of the last page are no
 * memory. */
enum { BEHIND = 256 };

static int fetch(sqlite3_file *file, sqlite3_int64 offset, int n, void **page)
{
    struct map *m = *map_of(file);
    int64_t end = offset + n + BEHIND;
    bool there =
        m && m->at && end <= m->room &&
        (end <= atomic_load(&m->size) || (look_at_size(file, m) && end <= atomic_load(&m->size)));
    *page = there ? m->at + offset : NULL; /* null: SQLite reads it */
    return SQLITE_OK;
}

/* Called with a null page when the map may be stale: after somebody's commit. */
static int unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page)
{
    struct map *m = *map_of(file);
    (void)offset;
    if (!page && m && !look_at_size(file, m))
        atomic_store(&m->size, 0);
    return SQLITE_OK;
}

/* The engine is not told to map anything itself. */
static int control(sqlite3_file *file, int what, void *arg)
{
    return what == SQLITE_FCNTL_MMAP_SIZE ? SQLITE_OK
                                          : engine_methods->xFileControl(file, what, arg);
}

static void let_go(struct map *m)
{
    if (--m->users)
        return;
    for (struct map **at = &maps; *at; at = &(*at)->next)
        if (*at == m) {
            *at = m->next;
            break;
        }
    if (m->at)
        munmap(m->at, (size_t)m->room);
    if (m->fd >= 0)
        close(m->fd);
    free(m);
}

static int close_file(sqlite3_file *file)
{
    struct map *m = *map_of(file);
    pthread_mutex_lock(&lock);
    int rc = engine_methods->xClose(file);
    if (m)
        let_go(m);
    pthread_mutex_unlock(&lock);
    return rc;
}

/* When there is no room for a map, it has no addresses and the file is read; users are counted all
 * the same. */
static struct map *new_map(const char *name, const struct stat *st)
{
    struct map *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (struct map){.next = maps,
                      .dev = st->st_dev,
                      .ino = st->st_ino,
                      .users = 1,
                      .room = map_room,
                      .fd = open(name, O_RDONLY | O_CLOEXEC)};
    void *at =
        m->fd < 0 ? MAP_FAILED : mmap(NULL, (size_t)m->room, PROT_READ, MAP_SHARED, m->fd, 0);
    if (at == MAP_FAILED)
        log_warn("%s is read without a map: %m", name);
    else
        m->at = at;
    return maps = m;
}

static struct map *take_map(const char *name)
{
    struct stat st;
    if (!map_room || stat(name, &st) != 0)
        return NULL;
    for (struct map *m = maps; m; m = m->next)
        if (m->dev == st.st_dev && m->ino == st.st_ino) {
            m->users++;
            return m;
        }
    return new_map(name, &st);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return engine->xOpen(engine, name, file, flags, out);
    pthread_mutex_lock(&lock);
    int rc = engine->xOpen(engine, name, file, flags, out);
    if (rc == SQLITE_OK && !engine_methods && file->pMethods->iVersion >= 3) {
        engine_methods = file->pMethods;
        our_methods = *engine_methods;
        our_methods.xFetch = fetch;
        our_methods.xUnfetch = unfetch;
        our_methods.xFileControl = control;
        our_methods.xClose = close_file;
    }
    if (rc == SQLITE_OK && file->pMethods == engine_methods) {
        *map_of(file) = take_map(name);
        file->pMethods = &our_methods;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

const char *mapvfs_name(int64_t room)
{
    pthread_mutex_lock(&lock);
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    map_room = room;
    if (!engine && found && strcmp(found->zName, "unix") == 0) {
        engine = found;
        ours = *found;
        ours.zName = "bereg";
        ours.szOsFile = found->szOsFile + (int)sizeof(struct map *);
        ours.xOpen = open_file;
        sqlite3_vfs_register(&ours, 0);
    }
    const char *name = engine && found == engine ? ours.zName : NULL;
    pthread_mutex_unlock(&lock);
    return name;
}
