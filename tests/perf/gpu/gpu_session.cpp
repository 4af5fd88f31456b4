// gpu_session OUT: times the kernels on this machine's first GPU and writes OUT/kernels.json after each
// stage, so that a cut loses nothing, and OUT/kernels.md at the end. Exit code 77: no usable GPU.
// SPDX-License-Identifier: Apache-2.0
#include <cuda_runtime_api.h>

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kernel_timings.hpp"
#include "turbomind/cuda/device_probe.hpp"

namespace {

using nlohmann::json;
using turbomind::perf::Ceilings;
using turbomind::perf::Timing;

constexpr int kNoGpu = 77;

json head() {
  int driver = 0;
  int runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  return {{"device", turbomind::cuda::name_of_device(0)},
          {"driver_cuda", driver},
          {"runtime_cuda", runtime}};
}

json as_json(const Timing& timing, const Ceilings& ceilings) {
  const double roof = timing.roof_s(ceilings);
  return {{"name", timing.name},
          {"shape", timing.shape},
          {"bytes", timing.bytes},
          {"flops", timing.flops},
          {"median_us", timing.median_s * 1e6},
          {"least_us", timing.least_s * 1e6},
          {"gb_per_s", timing.bytes / timing.median_s / 1e9},
          {"tflop_per_s", timing.flops / timing.median_s / 1e12},
          {"roof_us", roof * 1e6},
          {"percent_of_roof", 100 * roof / timing.median_s}};
}

void write_markdown(const json& session, const std::filesystem::path& file) {
  std::ofstream out(file);
  out << "| kernel | shape | median us | GB/s | TFLOP/s | % of roof |\n|---|---|---|---|---|---|\n"
      << std::fixed << std::setprecision(1);
  for (const json& row : session.at("kernels")) {
    out << "| " << row.at("name").get<std::string>() << " | " << row.at("shape").get<std::string>()
        << " | " << row.at("median_us").get<double>() << " | " << row.at("gb_per_s").get<double>()
        << " | " << row.at("tflop_per_s").get<double>() << " | "
        << row.at("percent_of_roof").get<double>() << " |\n";
  }
}

int measure(const std::filesystem::path& folder) {
  json session = head();
  session["kernels"] = json::array();
  const auto save = [&] { std::ofstream(folder / "kernels.json") << session.dump(2) << '\n'; };
  const Ceilings ceilings = turbomind::perf::measure_ceilings();
  session["read_gb_per_s"] = ceilings.read_bytes_per_s / 1e9;
  session["bf16_tflop_per_s"] = ceilings.flops_per_s / 1e12;
  save();
  for (const auto stage :
       {turbomind::perf::time_skinny_products, turbomind::perf::time_decode_attention,
        turbomind::perf::time_prefill_attention}) {
    for (const Timing& timing : stage()) session["kernels"].push_back(as_json(timing, ceilings));
    save();
  }
  write_markdown(session, folder / "kernels.md");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: gpu_session OUT\n";
    return 2;
  }
  const turbomind::cuda::DeviceProbe probe = turbomind::cuda::probe_devices();
  if (probe.count == 0) {
    std::cerr << "gpu_session: no usable CUDA device: " << probe.why_not << '\n';
    return kNoGpu;
  }
  try {
    std::filesystem::create_directories(argv[1]);
    return measure(argv[1]);
  } catch (const std::exception& e) {
    std::cerr << "gpu_session: " << e.what() << '\n';
    return 1;
  }
}
