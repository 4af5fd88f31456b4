// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_device.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <lmbench/plugin.hpp>

namespace lmbench::sim {
namespace {

constexpr unsigned kFileMode = 0644;

}  // namespace

SimDevice::SimDevice(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode)) {
  if (fd_ < 0) {
    throw sdk::Error(Code::invalid_argument,
                     "cannot open device_file '" + path + "': " + std::strerror(errno));
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(fd_);
  throw sdk::Error(Code::out_of_memory,
                   "another engine is on the device '" + path + "', which has room for one");
}

SimDevice::~SimDevice() { ::close(fd_); }

}  // namespace lmbench::sim
