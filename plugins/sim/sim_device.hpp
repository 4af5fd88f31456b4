// A device with room for one engine: a file that the engine holds locked from load to destroy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lmbench::sim {

class SimDevice {
 public:
  // Throws sdk::Error: out_of_memory while another engine, of any process, holds the file, and
  // invalid_argument for a path at which no file can be made.
  explicit SimDevice(const std::string& path);
  ~SimDevice();
  SimDevice(const SimDevice&) = delete;
  SimDevice& operator=(const SimDevice&) = delete;
 private:
  int fd_;
};

}  // namespace lmbench::sim
