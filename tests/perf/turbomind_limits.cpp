// How near turbomind on the CPU is to what this machine can do: decode at several batch sizes and
// prefill, each as a share of the least time that its bytes and its arithmetic would take at the
// read bandwidth and the multiply-add rate measured in the same process, between the windows that
// are judged. The median is over windows, the best is a single pass, for machines that others use
// too. Prints; asserts nothing.
//
//   turbomind_limits [MODEL] [--dtype TYPE] [--threads N] [--windows N] [--buffer-mib N]
//
// MODEL: a shape preset or a model directory; without one configs/models/quickstart.toml.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "arithmetic_peak.hpp"
#include "machine_limits.hpp"
#include "timed_engine.hpp"
#include "turbomind/model/open_model.hpp"
#include "turbomind/model/roofline.hpp"
#include "turbomind/read_bandwidth.hpp"

namespace turbomind::perf { namespace {

struct Arguments {
  std::string model = LMBENCH_SOURCE_DIR "/configs/models/quickstart.toml";
  std::string dtype = "auto";
  std::uint32_t threads = usable_cpus();
  std::uint32_t windows = 9;
  std::uint32_t buffer_mib = 256;  // per thread, against caches of up to some hundred MiB
};

struct Work {
  double bytes = 0;
  double flops = 0;
};

// One thing that is timed, and the least that it has to do.
struct Cell {
  std::string name;
  Burst burst;
  bool is_prefill = false;
  std::vector<Work> passes = {};      // those that are timed
  std::vector<double> window_s = {};  // the mean pass of each window
  double best_s = 0;                  // the fastest pass of all

  std::uint32_t tokens_per_pass() const {
    return burst.requests * (is_prefill ? burst.prompt_tokens : 1);
  }
  void add_window(const std::vector<double>& passes_s) {
    double sum_s = 0;
    for (const double pass_s : passes_s) {
      sum_s += pass_s;
      best_s = best_s == 0 ? pass_s : std::min(best_s, pass_s);
    }
    window_s.push_back(sum_s / static_cast<double>(passes_s.size()));
  }
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string word = values[i];
    if (word.rfind("--", 0) != 0) {
      arguments.model = word;
      continue;
    }
    if (++i == count) throw std::runtime_error(word + " needs a value");
    const std::string value = values[i];
    const auto number = [&] {
      const int parsed = std::stoi(value);
      if (parsed < 1) throw std::runtime_error(word + " is at least 1");
      return static_cast<std::uint32_t>(parsed);
    };
    if (word == "--dtype") {
      arguments.dtype = value;
    } else if (word == "--threads") {
      arguments.threads = number();
    } else if (word == "--windows") {
      arguments.windows = number();
    } else if (word == "--buffer-mib") {
      arguments.buffer_mib = number();
    } else {
      throw std::runtime_error("unknown option " + word);
    }
  }
  return arguments;
}

std::optional<DataType> type_of(const std::string& name) {
  if (name == "fp32") return DataType::fp32;
  if (name == "fp16") return DataType::fp16;
  if (name == "bf16") return DataType::bf16;
  return std::nullopt;  // "auto", or what load() will refuse
}

Work work_of(const Roofline& roofline, std::uint32_t rows, std::uint64_t context,
             std::uint64_t tokens) {
  const SequenceWork one = roofline.sequence_work(context, tokens, true);
  return {roofline.weight_bytes() + rows * one.kv_bytes, rows * one.flops};
}

Cell decode_cell(const Roofline& roofline, std::uint32_t requests) {
  constexpr std::uint32_t kPromptTokens = 64;
  constexpr std::uint32_t kSteps = 32;
  Cell cell{.name = "decode, batch " + std::to_string(requests),
            .burst = {requests, kPromptTokens, kSteps + 1}};
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    cell.passes.push_back(work_of(roofline, requests, kPromptTokens + step, 1));
  }
  return cell;
}

Cell prefill_cell(const Roofline& roofline, std::uint32_t prompt_tokens) {
  return {.name = "prefill, " + std::to_string(prompt_tokens) + " tokens",
          .burst = {1, prompt_tokens, 1},
          .is_prefill = true,
          .passes = {work_of(roofline, 1, 0, prompt_tokens)}};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void time_cells(TimedEngine& engine, MachineLimits& limits, std::uint32_t windows,
                std::vector<Cell>& cells) {
  for (const Cell& cell : cells) engine.run(cell.burst);  // memory touched, threads awake
  for (std::uint32_t i = 0; i < windows; ++i) {
    for (Cell& cell : cells) {
      limits.measure();
      const BurstTimes times = engine.run(cell.burst);
      cell.add_window(cell.is_prefill ? std::vector<double>{times.prefill_s} : times.decode_s);
    }
  }
  limits.measure();
}

void print(const Cell& cell, const MachineLimits& limits) {
  double bound_s = 0;
  double reading_s = 0;
  for (const Work& work : cell.passes) {
    const double reading = work.bytes / limits.read_bytes_per_s();
    reading_s += reading;
    bound_s += std::max(reading, work.flops / limits.flops_per_s());
  }
  const auto passes = static_cast<double>(cell.passes.size());
  const double median_s = median(cell.window_s);
  const double tokens = cell.tokens_per_pass();
  std::printf("%-22s %10.1f %10.1f %10.1f %7.1f %% %7.1f %%  %s\n", cell.name.c_str(),
              tokens / median_s, tokens / cell.best_s, tokens * passes / bound_s,
              100 * bound_s / passes / median_s, 100 * bound_s / passes / cell.best_s,
              bound_s > reading_s ? "arithmetic" : "bandwidth");
}

void run(const Arguments& arguments) {
  const OpenedModel model =
      open_model({.path = arguments.model, .data_type = type_of(arguments.dtype)});
  const Roofline roofline(model.architecture, model.data_type, 1);
  std::vector<Cell> cells{decode_cell(roofline, 1), decode_cell(roofline, 4),
                          decode_cell(roofline, 16), prefill_cell(roofline, 512)};
  TimedEngine::Settings settings{
      .model = arguments.model, .dtype = arguments.dtype, .threads = arguments.threads};
  for (const Cell& cell : cells) {
    settings.max_requests = std::max(settings.max_requests, cell.burst.requests);
    settings.max_sequence_tokens =
        std::max(settings.max_sequence_tokens, cell.burst.prompt_tokens + cell.burst.new_tokens);
  }
  TimedEngine engine(settings);
  const Isa isa = best_isa();
  MachineLimits limits(arguments.threads, std::size_t{arguments.buffer_mib} << 20U,
                       best_arithmetic(isa, model.data_type));
  time_cells(engine, limits, arguments.windows, cells);
  std::printf("%s: %.0f MB of weights per step, %u bytes each; %s kernels, %u threads\n",
              model.architecture.name.c_str(), roofline.weight_bytes() / 1e6,
              bytes_of(model.data_type), std::string(name_of(isa)).c_str(), arguments.threads);
  std::printf("this machine at its best in between: reads %.1f GB/s; %s: %.0f GFLOP/s\n\n",
              limits.read_bytes_per_s() / 1e9, limits.arithmetic_name().c_str(),
              limits.flops_per_s() / 1e9);
  std::printf("%-22s %10s %10s %10s %9s %9s  %s\n", "tokens per second", "median", "best", "bound",
              "share", "of best", "bound by");
  for (const Cell& cell : cells) print(cell, limits);
}

}}  // namespace turbomind::perf

int main(int count, char** values) {
  try {
    turbomind::perf::run(turbomind::perf::parse(count, values));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "turbomind_limits: %s\n", e.what());
    return 1;
  }
}
