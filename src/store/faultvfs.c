#include "store/faultvfs.h"
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

struct fault_file {
    sqlite3_file file;
    sqlite3_file *real; /* behind this struct */
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    atomic_int left; /* writes before the failure; negative: none comes */
    atomic_bool stays, fired;
} fault = {.left = -1};

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct fault_file *)f)->real;
}

static int f_close(sqlite3_file *f)
{
    sqlite3_file *real = real_of(f);

    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int left = atomic_load(&fault.left);

    if (left == 0) {
        atomic_store(&fault.fired, true);
        if (!atomic_load(&fault.stays))
            atomic_store(&fault.left, -1);
        if (n > 1) /* a full disk may take a part of it */
            (void)real_of(f)->pMethods->xWrite(real_of(f), p, n / 2, at);
        return SQLITE_FULL;
    }
    if (left > 0)
        atomic_store(&fault.left, left - 1);
    return real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
    return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int f_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int f_check_lock(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int f_device(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static int f_fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **out)
{
    return real_of(f)->pMethods->xFetch(real_of(f), at, n, out);
}

static int f_unfetch(sqlite3_file *f, sqlite3_int64 at, void *p)
{
    return real_of(f)->pMethods->xUnfetch(real_of(f), at, p);
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_check_lock,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_device,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
    .xFetch = f_fetch,
    .xUnfetch = f_unfetch,
};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct fault_file *f = (struct fault_file *)file;

    (void)vfs;
    f->file.pMethods = NULL;
    f->real = (sqlite3_file *)(f + 1);
    int rc = fault.real->xOpen(fault.real, name, f->real, flags, out);
    if (rc == SQLITE_OK)
        f->file.pMethods = &methods;
    return rc;
}

void fault_vfs_install(void)
{
    fault.real = sqlite3_vfs_find(NULL);
    fault.vfs = *fault.real; /* the other methods do not look at the vfs they are called with */
    fault.vfs.zName = "fault";
    fault.vfs.szOsFile += (int)sizeof(struct fault_file);
    fault.vfs.xOpen = v_open;
    fault.vfs.pNext = NULL;
    sqlite3_vfs_register(&fault.vfs, 1);
}

void fault_vfs_arm(int after, bool stays)
{
    atomic_store(&fault.fired, false);
    atomic_store(&fault.stays, stays);
    atomic_store(&fault.left, after);
}

bool fault_vfs_disarm(void)
{
    atomic_store(&fault.left, -1);
    return atomic_load(&fault.fired);
}
