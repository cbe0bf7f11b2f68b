#include "apps/check_folders.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/configuration.h"
#include "apps/facts.h"
#include "store/file_names.h"

namespace quoll::apps {

namespace {

std::string user_of(uid_t uid) {
  const passwd* const user = ::getpwuid(uid);
  return user != nullptr ? user->pw_name : fmt::format("uid {}", uid);
}

// "it belongs to zookeeper, and this runs as quoll"
std::string owner_words(const struct stat& info) {
  return fmt::format("it belongs to {}, and this runs as {}", user_of(info.st_uid), user_of(::geteuid()));
}

bool may(const std::string& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

class FolderCheck {
 public:
  FolderCheck(const config::Loaded& loaded, std::string_view key, std::string folder)
      : loaded_(loaded), key_(key), folder_(std::move(folder)) {}

  std::vector<FolderFinding> run() {
    struct stat info{};
    if (::stat(folder_.c_str(), &info) == 0) {
      check_existing(info);
    } else if (errno == ENOENT) {
      check_missing();
    } else {
      fail(fmt::format("{} can't be used: {}", folder_, std::strerror(errno)));
    }
    return std::move(findings_);
  }

 private:
  void fail(std::string_view text) { findings_.push_back({true, at_key(loaded_, key_, text)}); }
  void warn(std::string_view text) { findings_.push_back({false, at_key(loaded_, key_, text)}); }

  void check_existing(const struct stat& info) {
    if (!S_ISDIR(info.st_mode)) return fail(fmt::format("{} is no folder; name another one, or remove it", folder_));
    if (!may(folder_, R_OK | W_OK | X_OK)) {
      return fail(fmt::format("{} can't be written ({}): {}; give it to this user (chown -R), or run as the other",
                              folder_, std::strerror(errno), owner_words(info)));
    }
    if (::geteuid() == 0 && info.st_uid != 0) {
      warn(fmt::format("{} belongs to {}, and this runs as root: what it writes there, {} can't write later", folder_,
                       user_of(info.st_uid), user_of(info.st_uid)));
    }
    check_lock();
    check_files();
  }

  // The process that holds the lock uses the directory. A missing lock file is not created.
  void check_lock() {
    const std::string path = fmt::format("{}/{}", folder_, store::kLockName);
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      fail(fmt::format("{} is in use by another Quoll server; stop that one first, or name another folder", folder_));
    }
    ::close(fd);
  }

  // A run as root leaves files that the service's user cannot open later.
  void check_files() {
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      const bool log = store::log_zxid(name).has_value();
      if (!log && !store::snapshot_zxid(name)) continue;
      if (may(at->path().string(), log ? R_OK | W_OK : R_OK)) continue;
      struct stat info{};
      const int reason = errno;
      if (::stat(at->path().c_str(), &info) != 0) continue;
      return fail(fmt::format("{} can't be {} ({}): {}; chown it", at->path().string(), log ? "written" : "read",
                              std::strerror(reason), owner_words(info)));
    }
  }

  void check_missing() {
    if (!loaded_.settings.storage.folder_autocreate) {
      return fail(fmt::format("{} does not exist, and datadir.autocreate is false ({}); make it, or correct the path",
                              folder_, loaded_.place_of("datadir.autocreate")));
    }
    std::filesystem::path parent = folder_;
    struct stat info{};
    do {
      parent = parent.parent_path();
    } while (::stat(parent.c_str(), &info) != 0 && errno == ENOENT && parent.has_relative_path());
    if (::stat(parent.c_str(), &info) != 0) {
      fail(fmt::format("{} can't be made: {}: {}", folder_, parent.string(), std::strerror(errno)));
    } else if (!S_ISDIR(info.st_mode)) {
      fail(fmt::format("{} can't be made: {} is no folder", folder_, parent.string()));
    } else if (!may(parent.string(), W_OK | X_OK)) {
      fail(fmt::format("{} can't be made: {} can't be written ({}): {}; make it for this user first", folder_,
                       parent.string(), std::strerror(errno), owner_words(info)));
    }
  }

  const config::Loaded& loaded_;
  std::string_view key_;
  std::string folder_;
  std::vector<FolderFinding> findings_;
};

}  // namespace

std::vector<FolderFinding> check_folders(const config::Loaded& loaded) {
  const config::Storage& storage = loaded.settings.storage;
  if (storage.data_dir.empty()) return {};
  auto findings = FolderCheck(loaded, "dataDir", version_directory(storage.data_dir)).run();
  if (storage.data_log_dir != storage.data_dir && !storage.data_log_dir.empty()) {
    for (FolderFinding& one : FolderCheck(loaded, "dataLogDir", version_directory(storage.data_log_dir)).run())
      findings.push_back(std::move(one));
  }
  return findings;
}

}  // namespace quoll::apps
