#include "tests/fault/power_cut_vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>

namespace auditgate::test {

struct power_cut_vfs::registration {
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
};

namespace {

// What SQLite sees as the file; the real one lies behind it in the same block of memory.
struct shadow_file {
    sqlite3_file base;
    power_cut_vfs* disk;
    std::string* path; // owned; null for files that need not survive (the shared memory of the log has none)
};

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<shadow_file*>(file) + 1);
}

shadow_file& shadow(sqlite3_file* file) {
    return *reinterpret_cast<shadow_file*>(file);
}

int on_close(sqlite3_file* file) {
    delete shadow(file).path;
    return real(file)->pMethods->xClose(real(file));
}

int on_read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
    if (shadow(file).disk->is_cut())
        return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), to, count, offset);
}

int on_write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    auto& self = shadow(file);
    const std::string bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
    const bool alive = self.disk->take_operation();
    self.disk->note(*self.path, {offset, bytes, false}); // the one in flight may be torn
    if (!alive)
        return SQLITE_IOERR_WRITE;
    return real(file)->pMethods->xWrite(real(file), from, count, offset);
}

int on_truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = shadow(file);
    if (!self.disk->take_operation())
        return SQLITE_IOERR_TRUNCATE;
    self.disk->note(*self.path, {size, {}, true});
    return real(file)->pMethods->xTruncate(real(file), size);
}

int on_sync(sqlite3_file* file, int) {
    auto& self = shadow(file);
    if (!self.disk->take_operation())
        return SQLITE_IOERR_FSYNC;
    self.disk->note_sync(*self.path);
    return SQLITE_OK; // the disk under the test needs not be waited for
}

int on_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int on_lock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int on_unlock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int on_check_lock(sqlite3_file* file, int* out) {
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int on_control(sqlite3_file* file, int code, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), code, argument);
}
int on_sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int on_characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int on_shm_map(sqlite3_file* file, int page, int size, int extend, volatile void** out) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int on_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void on_shm_barrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int on_shm_unmap(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods methods{2,
                                 on_close,
                                 on_read,
                                 on_write,
                                 on_truncate,
                                 on_sync,
                                 on_size,
                                 on_lock,
                                 on_unlock,
                                 on_check_lock,
                                 on_control,
                                 on_sector_size,
                                 on_characteristics,
                                 on_shm_map,
                                 on_shm_lock,
                                 on_shm_barrier,
                                 on_shm_unmap,
                                 nullptr,
                                 nullptr};

power_cut_vfs& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<power_cut_vfs*>(vfs->pAppData);
}

int on_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto* self = new (file) shadow_file{{nullptr}, &disk_of(vfs), nullptr};
    sqlite3_vfs* under = sqlite3_vfs_find(nullptr);
    const int code = under->xOpen(under, path, real(file), flags, out_flags);
    if (code != SQLITE_OK)
        return code;
    self->path = new std::string(path);
    self->base.pMethods = &methods;
    self->disk->note_open(*self->path);
    return SQLITE_OK;
}

int on_delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    if (!disk_of(vfs).take_operation())
        return SQLITE_IOERR_DELETE;
    disk_of(vfs).note_delete(path);
    sqlite3_vfs* under = sqlite3_vfs_find(nullptr);
    return under->xDelete(under, path, sync_folder);
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

power_cut_vfs::power_cut_vfs(std::uint32_t seed)
    : name_("power-cut-" + std::to_string(seed)), registration_(new registration), random_(seed) {
    registration_->real = sqlite3_vfs_find(nullptr);
    registration_->vfs = *registration_->real;
    registration_->vfs.szOsFile += static_cast<int>(sizeof(shadow_file));
    registration_->vfs.zName = name_.c_str();
    registration_->vfs.pAppData = this;
    registration_->vfs.xOpen = on_open;
    registration_->vfs.xDelete = on_delete;
    if (sqlite3_vfs_register(&registration_->vfs, 0) != SQLITE_OK)
        throw std::runtime_error("cannot register the VFS");
}

power_cut_vfs::~power_cut_vfs() {
    sqlite3_vfs_unregister(&registration_->vfs);
    delete registration_;
}

void power_cut_vfs::cut_after(std::uint64_t operations) {
    const std::lock_guard lock(mutex_);
    armed_ = true;
    operations_left_ = operations;
}

bool power_cut_vfs::is_cut() const {
    const std::lock_guard lock(mutex_);
    return cut_;
}

bool power_cut_vfs::take_operation() {
    const std::lock_guard lock(mutex_);
    if (armed_ && operations_left_-- == 0) {
        cut_ = true;
        armed_ = false;
    }
    return !cut_;
}

void power_cut_vfs::note_open(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!files_.contains(path))
        files_[path].synced = content_of(path);
}

void power_cut_vfs::note(const std::string& path, written change) {
    const std::lock_guard lock(mutex_);
    files_[path].since.push_back(std::move(change));
}

void power_cut_vfs::note_sync(const std::string& path) {
    const std::lock_guard lock(mutex_);
    file& synced = files_[path];
    for (const written& change : synced.since)
        apply(synced.synced, change);
    synced.since.clear();
}

void power_cut_vfs::note_delete(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
}

void power_cut_vfs::apply(std::string& image, const written& change) const {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (change.is_truncation) {
        image.resize(offset, '\0');
        return;
    }
    if (image.size() < offset + change.bytes.size())
        image.resize(offset + change.bytes.size(), '\0');
    image.replace(offset, change.bytes.size(), change.bytes);
}

void power_cut_vfs::restart() {
    const std::lock_guard lock(mutex_);
    for (auto& [path, held] : files_) {
        // Nothing, everything up to some moment (in the middle of a write), or here and there a write, whole or torn.
        const auto kind = random_() % 3;
        const std::size_t reached = held.since.empty() ? 0 : random_() % (held.since.size() + 1);
        for (std::size_t i = 0; i < held.since.size(); ++i) {
            written change = held.since[i];
            const bool arrived = kind == 1 ? i <= reached : kind == 2 && random_() % 2 == 0;
            const bool torn = kind == 1 ? i == reached : random_() % 8 == 0;
            if (!arrived)
                continue;
            if (torn && !change.is_truncation)
                change.bytes.resize(random_() % (change.bytes.size() + 1));
            apply(held.synced, change);
        }
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out.write(held.synced.data(), static_cast<std::streamsize>(held.synced.size()));
        std::filesystem::remove(path + "-shm"); // memory, not disk
    }
}

} // namespace auditgate::test
