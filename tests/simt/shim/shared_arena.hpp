// The shared memory of a thread block: arrays by the place in the source that names them, each with a
// red zone behind it, and NaN in all that nobody has written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace simt {

class SharedArena {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{48} * 1024;  // of static arrays, on a GPU

  SharedArena();
  ~SharedArena();
  SharedArena(const SharedArena&) = delete;
  SharedArena& operator=(const SharedArena&) = delete;

  // A new block begins.
  void clear();

  // The array of a place, made when first asked for. Throws Error beyond kMostBytes.
  void* array(const void* place, std::size_t bytes, const char* name);

  unsigned char* data() const { return memory_.get(); }
  std::size_t size() const;
 private:
  struct Array {
    const void* place;
    void* data;
  };

  std::unique_ptr<unsigned char[]> memory_;
  std::vector<Array> arrays_;
  std::size_t used_ = 0;   // with red zones
  std::size_t taken_ = 0;  // without
};

}  // namespace simt
