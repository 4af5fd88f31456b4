// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/weight_upload.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_stream.hpp"
#include "turbomind/read_bandwidth.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint64_t kStripBytes = std::uint64_t{16} << 20U;
constexpr std::uint32_t kMostReaders = 16;  // beyond, PCIe is what they wait for
constexpr std::uint64_t kElementBytes = 2;

struct Strip {
  const Upload* upload;
  std::uint64_t first_row;
  std::uint64_t row_count;

  std::uint64_t bytes() const { return row_count * upload->columns * kElementBytes; }
};

std::vector<Strip> cut(const std::vector<Upload>& uploads) {
  std::vector<Strip> strips;
  for (const Upload& upload : uploads) {
    const std::uint64_t row_bytes = upload.columns * kElementBytes;
    const std::uint64_t most = std::max<std::uint64_t>(kStripBytes / row_bytes, 1);
    for (std::uint64_t row = 0; row < upload.rows; row += most) {
      strips.push_back({&upload, row, std::min(most, upload.rows - row)});
    }
  }
  return strips;
}

// What one host thread has: a place to read to, its copy on the device, and a stream.
class Reader {
 public:
  Reader(const WeightSource& source, RankSlice slice, std::uint64_t strip_bytes)
      : source_(source),
        slice_(slice),
        host_(strip_bytes, "reading the weights"),
        device_(strip_bytes, "packing the weights") {}

  void take(const Strip& strip) {
    const Upload& upload = *strip.upload;
    source_.read_rows(upload.tensor, upload.layer, slice_, strip.first_row, strip.row_count,
                      {host_.data(), strip.bytes()});
    if (upload.is_transposed) {
      pack(strip);
    } else {
      copy_rows(strip);
    }
    stream_.synchronize();
  }
 private:
  void pack(const Strip& strip) {
    const Upload& upload = *strip.upload;
    copy_to_device(device_.data(), host_.data(), strip.bytes(), stream_.get());
    for (const UploadPart& part : upload.parts) {
      pack_strip({.source = device_.data(),
                  .source_rows = static_cast<std::uint32_t>(strip.row_count),
                  .source_stride = static_cast<std::uint32_t>(upload.columns),
                  .first_column = part.first_column,
                  .columns = part.columns,
                  .order = part.order,
                  .target = part.target,
                  .target_stride = upload.target_stride,
                  .first_input = static_cast<std::uint32_t>(strip.first_row)},
                 stream_.get());
    }
  }

  void copy_rows(const Strip& strip) {
    const Upload& upload = *strip.upload;
    const UploadPart& part = upload.parts.front();
    const std::uint64_t pitch = std::uint64_t{upload.target_stride} * kElementBytes;
    const std::uint64_t width = upload.columns * kElementBytes;
    check(cudaMemcpy2DAsync(part.target + strip.first_row * pitch, pitch, host_.data(), width,
                            width, strip.row_count, cudaMemcpyHostToDevice, stream_.get()),
          "cudaMemcpy2DAsync");
  }

  const WeightSource& source_;
  RankSlice slice_;
  PinnedMemory host_;
  DeviceMemory device_;
  DeviceStream stream_;
};

}  // namespace

void upload_all(const WeightSource& source, RankSlice slice, const std::vector<Upload>& uploads) {
  const std::vector<Strip> strips = cut(uploads);
  std::uint64_t largest = 0;
  for (const Strip& strip : strips) largest = std::max(largest, strip.bytes());
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto read = [&] {
    try {
      check(cudaSetDevice(device), "cudaSetDevice");
      Reader reader(source, slice, largest);
      for (std::size_t i = next++; i < strips.size(); i = next++) reader.take(strips[i]);
    } catch (...) {
      next = strips.size();
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const std::size_t readers = std::min<std::size_t>(
      {std::max(usable_cpus() / slice.ranks, 1U), kMostReaders, strips.size()});
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < readers; ++i) threads.emplace_back(read);
  read();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace turbomind::cuda
