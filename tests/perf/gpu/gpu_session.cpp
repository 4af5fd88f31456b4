// gpu_session [--once] OUT STAGE...: measures on this machine's first GPU. Stage `calibrate` writes
// OUT/calibration.json; skinny_gemm, decode_attention and prefill_attention add their rows to
// OUT/kernels.json as soon as they have them, so that a cut loses nothing. --once runs each kernel
// once, for a profiler, and writes nothing. What the figures say is session_report's business.
// Exit code 77: no usable GPU.
// SPDX-License-Identifier: Apache-2.0
#include <cuda_runtime_api.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "calibration.hpp"
#include "kernel_timings.hpp"
#include "turbomind/cuda/cublas_lt_library.hpp"
#include "turbomind/cuda/device_probe.hpp"
#include "turbomind/cuda/nccl_library.hpp"

namespace {

using nlohmann::json;
using turbomind::perf::KernelTime;
using turbomind::perf::Repetition;

constexpr int kNoGpu = 77;

struct KernelStage {
  std::string_view name;
  std::vector<KernelTime> (*time)(Repetition);
};

constexpr std::array<KernelStage, 3> kKernelStages{
    {{"skinny_gemm", turbomind::perf::time_skinny_products},
     {"decode_attention", turbomind::perf::time_decode_attention},
     {"prefill_attention", turbomind::perf::time_prefill_attention}}};

// What is not there is left out: NCCL serves several GPUs alone.
json library_versions() {
  json versions;
  int version = 0;
  if (cudaDriverGetVersion(&version) == cudaSuccess) versions["cuda_of_driver"] = version;
  if (cudaRuntimeGetVersion(&version) == cudaSuccess) versions["cuda_runtime"] = version;
  try {
    versions["cublaslt"] = turbomind::cuda::cublas_lt_library().get_version();
    if (turbomind::cuda::nccl_library().get_version(&version) == ncclSuccess) {
      versions["nccl"] = version;
    }
  } catch (const std::exception& absent) {
    versions["absent"] = absent.what();
  }
  return versions;
}

json as_json(const turbomind::perf::Calibration& found) {
  return {
      {"device", turbomind::cuda::name_of_device(0)}, {"libraries", library_versions()},
      {"read_bytes_per_s", found.read_bytes_per_s},   {"copy_bytes_per_s", found.copy_bytes_per_s},
      {"bf16_flops_per_s", found.bf16_flops_per_s},   {"boundary_us", found.boundary_us},
      {"early_boundary_us", found.early_boundary_us}, {"echo_us", found.echo_us},
      {"launch_to_host_us", found.launch_to_host_us}};
}

json as_json(const KernelTime& timing) {
  return {{"name", timing.name},   {"shape", timing.shape},       {"bytes", timing.bytes},
          {"flops", timing.flops}, {"median_s", timing.median_s}, {"least_s", timing.least_s}};
}

void write(const std::filesystem::path& file, const json& content) {
  std::ofstream(file) << content.dump(2) << '\n';
}

// False for a name that no stage has.
bool run_stage(std::string_view name, const std::filesystem::path& out, bool once, json& rows) {
  if (name == "calibrate") {
    turbomind::perf::calibrate([&](const turbomind::perf::Calibration& found) {
      write(out / "calibration.json", as_json(found));
    });
    return true;
  }
  for (const KernelStage& stage : kKernelStages) {
    if (stage.name != name) continue;
    const Repetition repetition = once ? Repetition{.warmups = 0, .runs = 1} : Repetition{};
    for (const KernelTime& timing : stage.time(repetition)) rows.push_back(as_json(timing));
    if (!once) write(out / "kernels.json", rows);
    return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const bool once = !arguments.empty() && arguments.front() == "--once";
  if (once) arguments.erase(arguments.begin());
  if (arguments.size() < 2) {
    std::cerr << "usage: gpu_session [--once] OUT STAGE...\n";
    return 2;
  }
  const turbomind::cuda::DeviceProbe probe = turbomind::cuda::probe_devices();
  if (probe.count == 0) {
    std::cerr << "gpu_session: no usable CUDA device: " << probe.why_not << '\n';
    return kNoGpu;
  }
  try {
    const std::filesystem::path out(arguments.front());
    std::filesystem::create_directories(out);
    json rows = json::array();
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      if (run_stage(arguments[i], out, once, rows)) continue;
      std::cerr << "gpu_session: there is no stage '" << arguments[i] << "'\n";
      return 2;
    }
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "gpu_session: " << e.what() << '\n';
    return 1;
  }
}
