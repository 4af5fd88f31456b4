// SPDX-License-Identifier: Apache-2.0
#include "process/folder_lock.hpp"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "error.hpp"

namespace lmbench::process {
namespace {

// A lmbench that was killed while it started a worker may hold its lock until that has started.
constexpr int kTries = 20;
constexpr std::chrono::milliseconds kPause{10};

}  // namespace

FolderLock::FolderLock(const ResultsFolder& folder, For use)
    : file_(::open(folder.journal().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (!file_.is_open()) {
    throw Error("cannot write '" + folder.journal().string() + "': " + ::strerrordesc_np(errno));
  }
  for (int i = 0; ::flock(file_.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
    if (errno != EWOULDBLOCK && errno != EINTR) break;  // a file system without locks
    if (i == kTries) {
      throw Error("another lmbench is writing the results folder '" + folder.root.string() +
                  "'; wait for its end, or name another folder");
    }
    std::this_thread::sleep_for(kPause);
  }
  if (use == For::new_run && std::filesystem::exists(folder.manifest())) {
    throw Error("another lmbench has just used the results folder '" + folder.root.string() +
                "'; name another one with --out");
  }
}

}  // namespace lmbench::process
