// SPDX-License-Identifier: Apache-2.0
#include "kernel_timings.hpp"

#include <algorithm>
#include <array>

#include "median.hpp"
#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_stream.hpp"
#include "turbomind/cuda/kernels/decode_attention.hpp"
#include "turbomind/cuda/kernels/prefill_attention.hpp"
#include "turbomind/cuda/kernels/skinny_gemm.hpp"
#include "turbomind/cuda/large_product.hpp"
#include "turbomind/cuda/timed_range.hpp"

namespace turbomind::perf {
namespace {

using cuda::DeviceMemory;
using cuda::DeviceStream;

// What one run after another reads before it comes back to the same bytes: five times the L2 of an H100.
constexpr std::size_t kColdBytes = std::size_t{256} << 20U;
constexpr int kRunsOfGraph = 8;
constexpr DataType kType = DataType::bf16;

// Bytes that are small numbers in bf16 and random enough: zeros would let the chip clock higher.
DeviceMemory random_memory(std::size_t bytes, const char* what) {
  DeviceMemory memory(bytes, what);
  std::vector<std::uint16_t> tile(std::size_t{1} << 20U);
  std::uint64_t state = 1;
  for (std::uint16_t& value : tile) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<std::uint16_t>(0x3C00U | (state >> 33U & 0x83FFU));  // 2^-7 to 2, signed
  }
  for (std::size_t at = 0; at < bytes; at += tile.size() * 2) {
    const std::size_t count = std::min(bytes - at, tile.size() * 2);
    cuda::check(cudaMemcpy(memory.data() + at, tile.data(), count, cudaMemcpyHostToDevice),
                "cudaMemcpy");
  }
  return memory;
}

// So many copies of data are read in turn, so that none is found in a cache.
int copies_of(std::size_t bytes) { return static_cast<int>((kColdBytes + bytes - 1) / bytes); }

// Several runs of a kernel as a graph, as the engine's steps are.
class RunsGraph {
 public:
  RunsGraph(const DeviceStream& stream, int runs, const std::function<void(int run)>& queue)
      : stream_(stream) {
    cudaGraph_t graph = nullptr;
    cuda::check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal),
                "cudaStreamBeginCapture");
    for (int run = 0; run < runs; ++run) queue(run);
    cuda::check(cudaStreamEndCapture(stream.get(), &graph), "cudaStreamEndCapture");
    const cudaError_t error = cudaGraphInstantiate(&graph_, graph, 0);
    cudaGraphDestroy(graph);
    cuda::check(error, "cudaGraphInstantiate");
  }
  ~RunsGraph() { cudaGraphExecDestroy(graph_); }
  RunsGraph(const RunsGraph&) = delete;
  RunsGraph& operator=(const RunsGraph&) = delete;

  double seconds() const {
    cuda::TimedRange range(stream_.get());
    cuda::check(cudaGraphLaunch(graph_, stream_.get()), "cudaGraphLaunch");
    return static_cast<double>(range.milliseconds()) / 1e3;
  }
 private:
  const DeviceStream& stream_;
  cudaGraphExec_t graph_ = nullptr;
};

// What one more run in a graph takes: the boundary to the one before is in it, the events are not.
// queue(run) reads data that the runs before it, of kColdBytes together, do not.
KernelTime timed(KernelTime timing, const DeviceStream& stream, Repetition repetition,
                 const std::function<void(int run)>& queue) {
  queue(0);  // loads the kernel, and lets cuBLASLt choose
  stream.synchronize();
  if (repetition.runs == 1) return timing;
  const RunsGraph few(stream, kRunsOfGraph, queue);
  const RunsGraph many(stream, 2 * kRunsOfGraph, queue);
  std::vector<double> few_s;
  std::vector<double> many_s;
  for (int i = -repetition.warmups; i < repetition.runs; ++i) {
    const double a = few.seconds();
    const double b = many.seconds();
    if (i < 0) continue;
    few_s.push_back(a);
    many_s.push_back(b);
  }
  timing.median_s = (median(many_s) - median(few_s)) / kRunsOfGraph;
  timing.least_s = (*std::min_element(many_s.begin(), many_s.end()) -
                    *std::min_element(few_s.begin(), few_s.end())) /
                   kRunsOfGraph;
  return timing;
}

// Rows that attend to `context` tokens each, in pages that follow each other; copies of all of them.
struct PagedRows {
  PagedRows(std::uint32_t rows, std::uint32_t context, std::uint32_t kv_heads)
      : max_pages((context + kPageTokens - 1) / kPageTokens),
        kv{nullptr, 1, kv_heads, 128},
        bytes(std::size_t{rows} * max_pages * kv.page_stride() * 2),
        copies(copies_of(bytes)),
        pool(random_memory(bytes * static_cast<std::size_t>(copies), "pages")),
        table(std::size_t{rows} * max_pages * 4, "page table"),
        slot(rows * 4, "slots"),
        position(rows * 4, "positions") {
    std::vector<std::uint32_t> pages(std::size_t{rows} * max_pages);
    std::vector<std::uint32_t> slots(rows);
    for (std::uint32_t i = 0; i < pages.size(); ++i) pages[i] = i;
    for (std::uint32_t i = 0; i < rows; ++i) slots[i] = i;
    const std::vector<std::uint32_t> positions(rows, context - 1);
    copy(table, pages);
    copy(slot, slots);
    copy(position, positions);
    view.max_slots = rows;
    view.max_pages = max_pages;
    view.pages = reinterpret_cast<std::uint32_t*>(table.data());
    device_rows = {nullptr, reinterpret_cast<std::uint32_t*>(slot.data()),
                   reinterpret_cast<std::uint32_t*>(position.data())};
  }

  template <class T>
  static void copy(const DeviceMemory& target, const std::vector<T>& values) {
    cuda::check(
        cudaMemcpy(target.data(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
        "cudaMemcpy");
  }

  cuda::KvPages pages_of(int run) const {
    cuda::KvPages pages = kv;
    pages.data = pool.data() + static_cast<std::size_t>(run % copies) * bytes;
    return pages;
  }

  std::uint32_t max_pages;
  cuda::KvPages kv;  // without data
  std::size_t bytes;
  int copies;
  DeviceMemory pool;
  DeviceMemory table;
  DeviceMemory slot;
  DeviceMemory position;
  cuda::Slots view{};
  cuda::Rows device_rows{};
};

std::string times(std::uint32_t a, std::uint32_t b) {
  return std::to_string(a) + " x " + std::to_string(b);
}

}  // namespace

double time_large_product(std::uint32_t size) {
  const std::size_t bytes = std::size_t{size} * size * 2;
  const DeviceStream stream;
  const DeviceMemory x = random_memory(bytes, "x");
  const DeviceMemory w = random_memory(bytes, "w");
  const DeviceMemory y(bytes, "y");
  cuda::LargeProducts products(kType, stream.get());
  const auto product = [&](int) {
    products.store({size, size, size}, {x.data(), w.data()}, y.data());
  };
  return timed({}, stream, {}, product).median_s;
}

// The products of a 7B model at the batches that the skinny kernel serves, beside cuBLASLt's.
std::vector<KernelTime> time_skinny_products(Repetition repetition) {
  struct Shape {
    const char* name;
    std::uint32_t features;
    std::uint32_t inputs;
  };
  constexpr std::array<Shape, 5> kShapes{{{"qkv", 12'288, 4096},
                                          {"wo", 4096, 4096},
                                          {"gate_up", 22'016, 4096},
                                          {"down", 4096, 11'008},
                                          {"head", 103'168, 4096}}};
  const DeviceStream stream;
  cuda::LargeProducts large(kType, stream.get());
  std::vector<KernelTime> timings;
  for (const Shape& shape : kShapes) {
    const std::size_t weights = std::size_t{shape.features} * shape.inputs * 2;
    const int copies = copies_of(weights);
    const DeviceMemory w = random_memory(weights * static_cast<std::size_t>(copies), "weights");
    const auto copy = [&](int run) {
      return w.data() + static_cast<std::size_t>(run % copies) * weights;
    };
    const DeviceMemory x = random_memory(std::size_t{64} * shape.inputs * 2, "x");
    const DeviceMemory y(std::size_t{64} * shape.features * 4, "y");
    for (const std::uint32_t rows : {1U, 8U, 16U, 32U, 64U}) {
      KernelTime timing;
      timing.shape = std::string(shape.name) + " " + times(shape.features, shape.inputs) +
                     ", M = " + std::to_string(rows);
      timing.bytes = static_cast<double>(weights) + rows * (shape.inputs + shape.features) * 2.0;
      timing.flops = 2.0 * rows * shape.features * shape.inputs;
      timing.name = "skinny";
      timings.push_back(timed(timing, stream, repetition, [&](int run) {
        cuda::skinny_logits({.type = kType,
                             .x = x.data(),
                             .weights = copy(run),
                             .rows = rows,
                             .inputs = shape.inputs,
                             .features = shape.features},
                            reinterpret_cast<float*>(y.data()), stream.get());
      }));
      timing.name = "cublaslt";
      timings.push_back(timed(timing, stream, repetition, [&](int run) {
        large.logits({rows, shape.inputs, shape.features}, {x.data(), copy(run)},
                     reinterpret_cast<float*>(y.data()));
      }));
    }
  }
  return timings;
}

std::vector<KernelTime> time_decode_attention(Repetition repetition) {
  const DeviceStream stream;
  std::vector<KernelTime> timings;
  for (const std::uint32_t kv_heads : {32U, 8U}) {
    for (const std::uint32_t rows : {1U, 16U, 64U}) {
      for (const std::uint32_t context : {256U, 2048U, 4096U}) {
        const PagedRows paged(rows, context, kv_heads);
        const DeviceMemory query = random_memory(std::size_t{rows} * 4096 * 2, "queries");
        const DeviceMemory output(std::size_t{rows} * 4096 * 2, "output");
        const DeviceMemory partials(
            cuda::decode_partial_elements(rows, 32, 128, context) * sizeof(float), "partials");
        const DeviceMemory tickets(std::size_t{rows} * 32 * 4, "tickets");
        cuda::check(cudaMemset(tickets.data(), 0, tickets.size()), "cudaMemset");
        KernelTime timing;
        timing.name = "decode_attention";
        timing.shape = "B = " + std::to_string(rows) + ", c = " + std::to_string(context) +
                       ", K = " + std::to_string(kv_heads);
        timing.bytes = 2.0 * rows * context * kv_heads * 128 * 2;
        timing.flops = 4.0 * rows * context * 32 * 128;
        timings.push_back(timed(timing, stream, repetition, [&](int run) {
          cuda::decode_attention({.type = kType,
                                  .query = query.data(),
                                  .query_stride = 4096,
                                  .output = output.data(),
                                  .kv = paged.pages_of(run),
                                  .layer = 0,
                                  .slots = &paged.view,
                                  .rows = &paged.device_rows,
                                  .row_count = rows,
                                  .heads = 32,
                                  .scale = 0.088F,
                                  .max_context = context,
                                  .partials = reinterpret_cast<float*>(partials.data()),
                                  .tickets = reinterpret_cast<std::uint32_t*>(tickets.data())},
                                 stream.get());
        }));
      }
    }
  }
  return timings;
}

std::vector<KernelTime> time_prefill_attention(Repetition repetition) {
  const DeviceStream stream;
  std::vector<KernelTime> timings;
  for (const std::uint32_t kv_heads : {32U, 8U}) {
    for (const std::uint32_t tokens : {128U, 2048U, 4096U}) {
      const PagedRows paged(1, tokens, kv_heads);
      const DeviceMemory query = random_memory(std::size_t{tokens} * 4096 * 2, "queries");
      const DeviceMemory output(std::size_t{tokens} * 4096 * 2, "output");
      std::vector<cuda::PrefillTile> tiles;
      for (std::uint32_t r = 0; r < tokens; r += cuda::kPrefillTileRows) {
        tiles.push_back({0, r, std::min(cuda::kPrefillTileRows, tokens - r), r});
      }
      const DeviceMemory device_tiles(tiles.size() * sizeof tiles[0], "tiles");
      PagedRows::copy(device_tiles, tiles);
      KernelTime timing;
      timing.name = "prefill_attention";
      timing.shape = "P = " + std::to_string(tokens) + ", K = " + std::to_string(kv_heads);
      timing.bytes = 2.0 * tokens * kv_heads * 128 * 2;
      timing.flops = 2.0 * tokens * (tokens + 1) * 32 * 128;
      timings.push_back(timed(timing, stream, repetition, [&](int run) {
        cuda::prefill_attention(
            {.type = kType,
             .query = query.data(),
             .query_stride = 4096,
             .output = output.data(),
             .kv = paged.pages_of(run),
             .layer = 0,
             .slots = &paged.view,
             .tiles = reinterpret_cast<const cuda::PrefillTile*>(device_tiles.data()),
             .tile_count = static_cast<std::uint32_t>(tiles.size()),
             .heads = 32,
             .scale = 0.088F},
            stream.get());
      }));
    }
  }
  return timings;
}

}  // namespace turbomind::perf
