// The CUDA runtime over a FakeGpu.
// SPDX-License-Identifier: Apache-2.0
#include <cuda_runtime_api.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <thread>

#include "fake_gpu_state.hpp"

using lmbench::test::FakeGraph;
using lmbench::test::FakeStream;
using lmbench::test::Machine;
using lmbench::test::machine;
using lmbench::test::queue_work;

namespace {

using Clock = std::chrono::steady_clock;

thread_local int current_device = 0;
thread_local FakeStream* capturing = nullptr;  // of this thread

FakeStream* stream_of(cudaStream_t stream) { return reinterpret_cast<FakeStream*>(stream); }

// What is unsafe while this thread captures spoils the capture, as on a GPU.
cudaError_t forbid_in_capture() {
  if (capturing == nullptr) return cudaSuccess;
  capturing->capture_error = cudaErrorStreamCaptureInvalidated;
  return cudaErrorStreamCaptureUnsupported;
}

cudaError_t enter(const char* function) { return machine().enter(function, current_device); }

#define ENTER() \
  if (const cudaError_t error = enter(__func__); error != cudaSuccess) return error
// What changes the memory of the process, which the driver may do only when kernels have ended.
#define ENTER_ALONE()      \
  ENTER_OUTSIDE_CAPTURE(); \
  lmbench::test::refuse_while_collectives_wait(__func__)
#define ENTER_OUTSIDE_CAPTURE() \
  ENTER();                      \
  if (const cudaError_t error = forbid_in_capture(); error != cudaSuccess) return error

// Until all is done, or the device has failed.
cudaError_t finish(FakeStream& stream) {
  while (!stream.run(std::numeric_limits<std::size_t>::max())) std::this_thread::yield();
  return machine().enter("", stream.device);
}

struct FakeEvent {
  Clock::time_point time;
  bool is_recorded = false;
};

}  // namespace

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated:
      return "cudaErrorStreamCaptureInvalidated";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorUnknown:
      return "cudaErrorUnknown";
    default:
      return "another cudaError";
  }
}

const char* cudaGetErrorString(cudaError_t /*error*/) { return "as the fake was told"; }
cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaDriverGetVersion(int* version) {
  *version = machine().options.devices == 0 ? 0 : 13000;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  if (machine().options.devices == 0) return cudaErrorInsufficientDriver;
  ENTER();
  *count = machine().options.devices;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = current_device;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= machine().options.devices) return cudaErrorInvalidDevice;
  current_device = device;
  ENTER();
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr /*attribute*/, int /*device*/) {
  ENTER();
  *value = 9;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  std::strcpy(properties->name, "fake GPU");
  std::memset(&properties->uuid, 'A' + device, sizeof properties->uuid);
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  ENTER_OUTSIDE_CAPTURE();
  return cudaSuccess;  // the legacy stream runs at once, others belong to threads of their own
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  ENTER_ALONE();
  *pointer = machine().allocate(bytes, current_device);
  return *pointer == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

cudaError_t cudaFree(void* pointer) {
  if (pointer == nullptr) return cudaSuccess;
  return machine().release(pointer) ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned /*flags*/) {
  ENTER_ALONE();
  *pointer = std::malloc(bytes);
  std::memset(*pointer, 0xFF, bytes);
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* pointer) {
  std::free(pointer);
  return cudaSuccess;
}

cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned /*flags*/) {
  ENTER();
  *device = host;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  ENTER();
  *total_bytes = machine().options.memory_bytes;
  const std::lock_guard lock(machine().mutex);
  *free_bytes = *total_bytes - machine().allocated_on(current_device);
  return cudaSuccess;
}

cudaError_t cudaMemset(void* pointer, int value, std::size_t bytes) {
  ENTER_OUTSIDE_CAPTURE();
  if (!machine().is_device(pointer, bytes)) return cudaErrorInvalidValue;
  const Machine::Access access;
  std::memset(pointer, value, bytes);
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* pointer, int value, std::size_t bytes, cudaStream_t stream) {
  ENTER();
  if (!machine().is_device(pointer, bytes)) return cudaErrorInvalidValue;
  return queue_work(stream, [=] {
    return [=] {
      std::memset(pointer, value, bytes);
      return true;
    };
  });
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, std::size_t bytes,
                            cudaMemcpyKind kind, cudaStream_t stream) {
  return cudaMemcpy2DAsync(target, bytes, source, bytes, bytes, 1, kind, stream);
}

cudaError_t cudaMemcpy2DAsync(void* target, std::size_t target_pitch, const void* source,
                              std::size_t source_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  ENTER();
  const bool from_device = kind != cudaMemcpyHostToDevice;
  const bool to_device = kind != cudaMemcpyDeviceToHost;
  const std::size_t rows = height == 0 ? 0 : height - 1;
  if (from_device != machine().is_device(source, rows * source_pitch + width) ||
      to_device != machine().is_device(target, rows * target_pitch + width)) {
    return cudaErrorInvalidValue;
  }
  return queue_work(stream, [=] {
    return [=] {
      for (std::size_t row = 0; row < height; ++row) {
        std::memcpy(static_cast<char*>(target) + row * target_pitch,
                    static_cast<const char*>(source) + row * source_pitch, width);
      }
      return true;
    };
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) {
  ENTER_OUTSIDE_CAPTURE();
  auto* const made = new FakeStream;
  made->device = current_device;
  *stream = reinterpret_cast<cudaStream_t>(made);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream_of(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ENTER_OUTSIDE_CAPTURE();
  return finish(*stream_of(stream));
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  ENTER_OUTSIDE_CAPTURE();
  FakeStream& queried = *stream_of(stream);
  const bool is_empty = queried.run(machine().draw(4));
  if (const cudaError_t error = machine().enter("", queried.device); error != cudaSuccess) {
    return error;
  }
  return is_empty ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/) {
  ENTER_OUTSIDE_CAPTURE();
  capturing = stream_of(stream);
  capturing->capture = std::make_unique<FakeGraph>();
  capturing->capture_error = cudaSuccess;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  FakeStream& captured = *stream_of(stream);
  capturing = nullptr;
  *graph = nullptr;
  if (captured.capture_error != cudaSuccess) {
    captured.capture = nullptr;
    return captured.capture_error;
  }
  *graph = reinterpret_cast<cudaGraph_t>(captured.capture.release());
  return enter(__func__);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long /*flags*/) {
  ENTER_ALONE();
  *executable =
      reinterpret_cast<cudaGraphExec_t>(new FakeGraph(*reinterpret_cast<FakeGraph*>(graph)));
  return cudaSuccess;
}

cudaError_t cudaGraphUpload(cudaGraphExec_t /*executable*/, cudaStream_t /*stream*/) {
  ENTER_OUTSIDE_CAPTURE();
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  ENTER_OUTSIDE_CAPTURE();
  for (const auto& make : *reinterpret_cast<FakeGraph*>(executable)) queue_work(stream, make);
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete reinterpret_cast<FakeGraph*>(executable);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete reinterpret_cast<FakeGraph*>(graph);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  ENTER_OUTSIDE_CAPTURE();
  *event = reinterpret_cast<cudaEvent_t>(new FakeEvent);
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  ENTER();
  finish(*stream_of(stream));
  *reinterpret_cast<FakeEvent*>(event) = {Clock::now() + stream_of(stream)->lost_time, true};
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ENTER_OUTSIDE_CAPTURE();
  return reinterpret_cast<FakeEvent*>(event)->is_recorded ? cudaSuccess
                                                          : cudaErrorInvalidResourceHandle;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  const auto elapsed =
      reinterpret_cast<FakeEvent*>(end)->time - reinterpret_cast<FakeEvent*>(begin)->time;
  *milliseconds = std::chrono::duration<float, std::milli>(elapsed).count();
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete reinterpret_cast<FakeEvent*>(event);
  return cudaSuccess;
}
