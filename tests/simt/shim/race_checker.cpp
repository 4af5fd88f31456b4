// Race, bounds and initialisation checker. Kernels compiled with `-fsanitize=thread` call __tsan_readN/__tsan_writeN
// on every access; linked WITHOUT -fsanitize=thread, those calls land here instead of in libtsan.
// Ordering that counts: __syncthreads (all threads), __syncwarp (lanes of its mask), end of launch. Shuffles and votes
// do not order memory (as in the CUDA manual).
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <set>
#include <tuple>

#include "fiber_runtime.hpp"

extern "C" char __executable_start, _end;

namespace simt {
namespace {
struct Cell {  // one per byte
  uint32_t w_ep, w_clk, r_ep, r_clk, r_prev, r_mask, w_pc, r_pc;
  uint16_t w_tid, r_tid;
  uint8_t w_atomic, r_multi;
};
uint32_t ep = 1, block_ep = 1, launch_ep = 1;
uint32_t vc[32][32][32];
unsigned char* arena;
size_t arena_size;
Cell* sh;
Cell* dv;
uint8_t* dvalid;  // 0 not allocated, 1 allocated, 2 written
uint8_t svalid[512 * 1024];
size_t svalid_used;
const char* args;
size_t args_size;

struct Report {
  const char* kind;
  uint32_t pc, opc;
  unsigned t, ot, block;
  bool shared;
  size_t off;
};
std::vector<Report> found;
std::set<std::tuple<std::string, uint32_t, uint32_t>> seen;

uint32_t rel(void* pc) {
  return static_cast<uint32_t>(static_cast<char*>(pc) - &__executable_start);
}
void add(const char* kind, uint32_t pc, uint32_t opc, unsigned t, unsigned ot, unsigned block,
         bool shared, size_t off) {
  if (found.size() < 50 && seen.insert({kind, pc, opc}).second)
    found.push_back({kind, pc, opc, t, ot, block, shared, off});
}

// "Last block done" pattern: a global atomic by a thread that has called __threadfence publishes what its block wrote
// before the last barrier (and the thread's own writes); an atomic on the same address by a later block acquires it.
struct Release {
  uint32_t first, upto;
  uint16_t tid;
};
std::map<const void*, std::vector<Release>> releases;
std::vector<Release> acquired;
bool fenced[1024];
bool published(uint32_t e, unsigned tid) {
  for (auto& r : acquired)
    if (e >= r.first && (e < r.upto || (e == r.upto && tid == r.tid))) return true;
  return false;
}
inline bool ordered(uint32_t e, uint32_t clk, unsigned tid, unsigned me) {
  if (e < block_ep) return e < launch_ep || published(e, tid);
  if (e < ep || tid == me) return true;
  return tid / 32 == me / 32 && vc[me / 32][me % 32][tid % 32] >= clk;
}
enum Kind { kRead, kWrite, kAtomic };
void access(Cell* cells, size_t off, size_t n, bool shared, Kind k, uint32_t pc) {
  Loc at = where();
  const unsigned me = at.lin, w = me / 32, lane = me % 32;
  const uint32_t clk = vc[w][lane][lane];
  for (size_t i = 0; i < n; i++) {
    Cell& c = cells[off + i];
    const bool written = shared ? c.w_ep >= block_ep : c.w_ep != 0;
    if (written && !(k == kAtomic && c.w_atomic) && !ordered(c.w_ep, c.w_clk, c.w_tid, me))
      add(k == kRead ? "read races with write" : "write races with write", pc, c.w_pc, me, c.w_tid,
          at.block, shared, off + i);
    if (k != kWrite) {
      if (shared ? !written : dvalid[off + i] == 1)
        add("read of uninitialised memory", pc, 0, me, 0, at.block, shared, off + i);
    }
    if (k == kRead) {
      if (c.r_ep == ep) {
        if (c.r_tid / 32 != w)
          c.r_multi = 1;
        else {
          bool all = clk > c.r_clk;
          for (unsigned m = c.r_mask; all && m; m &= m - 1)
            all = vc[w][lane][__builtin_ctz(m)] >= c.r_clk;
          if (all && !c.r_multi)
            c.r_mask = 1u << lane;
          else
            c.r_mask |= 1u << lane;
          c.r_clk = std::max(c.r_clk, clk);
        }
      } else {
        if (c.r_ep < block_ep) c.r_prev = c.r_ep;
        c.r_ep = ep;
        c.r_clk = clk;
        c.r_mask = 1u << lane;
        c.r_multi = 0;
      }
      c.r_tid = static_cast<uint16_t>(me);
      c.r_pc = pc;
    } else {
      bool bad = false;
      if (c.r_ep == ep) {
        if (c.r_multi || c.r_tid / 32 != w)
          bad = true;
        else
          for (unsigned m = c.r_mask & ~(1u << lane); m; m &= m - 1)
            if (vc[w][lane][__builtin_ctz(m)] < c.r_clk) bad = true;
      }
      if (!shared && ((c.r_ep >= launch_ep && c.r_ep < block_ep) ||
                      (c.r_prev >= launch_ep && c.r_prev < block_ep)))
        bad = true;
      if (bad) add("write races with read", pc, c.r_pc, me, c.r_tid, at.block, shared, off + i);
      c.w_ep = ep;
      c.w_clk = clk;
      c.w_tid = static_cast<uint16_t>(me);
      c.w_pc = pc;
      c.w_atomic = k == kAtomic;
      if (!shared) dvalid[off + i] = 2;
    }
  }
}
void touch(const void* p, size_t n, Kind k, void* pc) {
  auto c = static_cast<const unsigned char*>(p);
  static bool busy;
  if (!self || busy) return;  // host code, or a memcpy made by this checker
  struct Busy {
    Busy() { busy = true; }
    ~Busy() { busy = false; }
  } b;
  size_t o = static_cast<size_t>(c - arena);
  if (o < arena_size) {
    for (size_t i = 0; i < n; i++)
      if (!svalid[o + i]) {
        add("shared memory access out of bounds", rel(pc), 0, where().lin, 0, where().block, true,
            o + i);
        return;
      }
    access(sh, o, n, true, k, rel(pc));
    return;
  }
  if (dev_base && (o = static_cast<size_t>(c - dev_base)) < dev_size) {
    for (size_t i = 0; i < n; i++)
      if (!dvalid[o + i]) {
        add("device memory access out of bounds", rel(pc), 0, where().lin, 0, where().block, false,
            o + i);
        return;
      }
    if (k == kAtomic) {
      auto& r = releases[p];
      acquired.insert(acquired.end(), r.begin(), r.end());
      if (fenced[where().lin]) r.push_back({block_ep, ep, static_cast<uint16_t>(where().lin)});
    }
    access(dv, o, n, false, k, rel(pc));
    return;
  }
  auto q = reinterpret_cast<const char*>(p);
  if (on_fiber_stack(p) || in_fiber_data(p) || (q >= &__executable_start && q < &_end) ||
      static_cast<size_t>(q - args) < args_size)
    return;
  add("access to host memory", rel(pc), 0, where().lin, 0, where().block, false, 0);
}
void aligned(const void* p, size_t n, void* pc) {
  if (self && reinterpret_cast<uintptr_t>(p) % n)
    add("misaligned access", rel(pc), 0, where().lin, 0, where().block, false, 0);
}
// for the wrapped mem* calls, which the runtime itself makes too: only shared and device memory count
void touch_known(const void* p, size_t n, Kind k, void* pc) {
  auto c = static_cast<const unsigned char*>(p);
  if (self && (static_cast<size_t>(c - arena) < arena_size ||
               (dev_base && static_cast<size_t>(c - dev_base) < dev_size)))
    touch(p, n, k, pc);
}
template <class T>
T* reserve(size_t n) {
  void* m = mmap(nullptr, n * sizeof(T), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (m == MAP_FAILED) throw Error("simt: cannot map the race shadow");
  return static_cast<T*>(m);
}
RaceHooks hooks = {
    [](const void* a, size_t n) {
      launch_ep = ep + 1;
      releases.clear();
      args = static_cast<const char*>(a);
      args_size = n;
    },
    [](unsigned char* a, size_t n) {
      arena = a;
      arena_size = n;
      if (!sh) {
        sh = reserve<Cell>(n);
        dv = reserve<Cell>(dev_size);
        dvalid = dvalid ? dvalid : reserve<uint8_t>(dev_size);
      }
      block_ep = ++ep;
      acquired.clear();
      std::memset(fenced, 0, sizeof fenced);
      std::memset(svalid, 0, svalid_used);
      svalid_used = 0;
      std::memset(vc, 0, sizeof vc);
      for (auto& w : vc)
        for (int l = 0; l < 32; l++) w[l][l] = 1;
    },
    [](size_t off, size_t n) {
      std::memset(svalid + off, 1, n);
      svalid_used = std::max(svalid_used, off + n);
    },
    [] { ep++; },
    [](unsigned w, unsigned mask) {
      uint32_t j[32] = {};
      for (unsigned l = 0; l < 32; l++)
        if (mask >> l & 1)
          for (int i = 0; i < 32; i++) j[i] = std::max(j[i], vc[w][l][i]);
      for (unsigned l = 0; l < 32; l++)
        if (mask >> l & 1) {
          std::memcpy(vc[w][l], j, sizeof j);
          vc[w][l][l]++;
        }
    },
    [](const void* p, size_t n, void* pc) { touch(p, n, kRead, pc); },
    [](const void* p, size_t n, void* pc) { touch(p, n, kWrite, pc); },
    [](const void* p, size_t n, void* pc) { touch(p, n, kAtomic, pc); },
    [] { fenced[where().lin] = true; },
    [](void* p, size_t n) {
      if (!dvalid) dvalid = reserve<uint8_t>(dev_size);
      std::memset(dvalid + (static_cast<unsigned char*>(p) - dev_base), 1, n);
    },
    [](void* p, size_t) {
      uint8_t* v = dvalid + (static_cast<unsigned char*>(p) - dev_base);
      while (*v) *v++ = 0;
    },
    [](void* p, size_t n) {
      std::memset(dvalid + (static_cast<unsigned char*>(p) - dev_base), 2, n);
    },
};
struct Init {
  Init() { race = &hooks; }
} init;

std::string line_of(uint32_t pc) {
  if (!pc) return "?";
  char cmd[200], buf[400];
  std::string last, out;
  snprintf(cmd, sizeof cmd, "addr2line -sie /proc/%d/exe 0x%x 2>/dev/null", getpid(), pc - 1);
  if (FILE* p = popen(cmd, "r")) {
    while (fgets(buf, sizeof buf,
                 p)) {  // innermost first; take up to three frames that name a kernel file
      std::string s(buf);
      s = s.substr(0, s.find_first_of("\n ("));
      if (!out.empty() && out.find(s) != std::string::npos) continue;
      if (std::count(out.begin(), out.end(), '<') < 2) out += (out.empty() ? "" : " < ") + s;
    }
    pclose(p);
  }
  return out.empty() ? "?" : out;
}
}  // namespace

std::vector<std::string> race_reports() {
  std::vector<std::string> out;
  for (auto& r : found) {
    std::string s = std::string(r.kind) + ", " + (r.shared ? "shared" : "global") + "+" +
                    std::to_string(r.off) + ", block " + std::to_string(r.block) + ": thread " +
                    std::to_string(r.t) + " at " + line_of(r.pc);
    if (r.opc) s += ", thread " + std::to_string(r.ot) + " at " + line_of(r.opc);
    out.push_back(s);
  }
  found.clear();
  return out;
}
}  // namespace simt

#define PC __builtin_return_address(0)
extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
#define RW(N)                                                                      \
  void __tsan_read##N(void* p) {                                                   \
    simt::aligned(p, N, PC);                                                       \
    simt::touch(p, N, simt::kRead, PC);                                            \
  }                                                                                \
  void __tsan_write##N(void* p) {                                                  \
    simt::aligned(p, N, PC);                                                       \
    simt::touch(p, N, simt::kWrite, PC);                                           \
  }                                                                                \
  void __tsan_unaligned_read##N(void* p) { simt::touch(p, N, simt::kRead, PC); }   \
  void __tsan_unaligned_write##N(void* p) { simt::touch(p, N, simt::kWrite, PC); } \
  void __tsan_volatile_read##N(void* p) { simt::touch(p, N, simt::kRead, PC); }    \
  void __tsan_volatile_write##N(void* p) { simt::touch(p, N, simt::kWrite, PC); }
RW(1) RW(2) RW(4) RW(8) RW(16) void __tsan_read_range(void* p, size_t n) {
  simt::touch(p, n, simt::kRead, PC);
}
void __tsan_write_range(void* p, size_t n) { simt::touch(p, n, simt::kWrite, PC); }
// linked with -Wl,--wrap=memcpy,--wrap=memmove,--wrap=memset (clang 14 turns aggregate copies into plain calls)
void* __real_memcpy(void*, const void*, size_t);
void* __real_memmove(void*, const void*, size_t);
void* __real_memset(void*, int, size_t);
void* __wrap_memcpy(void* d, const void* s, size_t n) {
  simt::touch_known(s, n, simt::kRead, PC);
  simt::touch_known(d, n, simt::kWrite, PC);
  return __real_memcpy(d, s, n);
}
void* __wrap_memmove(void* d, const void* s, size_t n) {
  simt::touch_known(s, n, simt::kRead, PC);
  simt::touch_known(d, n, simt::kWrite, PC);
  return __real_memmove(d, s, n);
}
void* __wrap_memset(void* d, int v, size_t n) {
  simt::touch_known(d, n, simt::kWrite, PC);
  return __real_memset(d, v, n);
}
void* __tsan_memcpy(void* d, const void* s, size_t n) {
  simt::touch(s, n, simt::kRead, PC);
  simt::touch(d, n, simt::kWrite, PC);
  return memcpy(d, s, n);
}
void* __tsan_memset(void* d, int v, size_t n) {
  simt::touch(d, n, simt::kWrite, PC);
  return memset(d, v, n);
}
void* __tsan_memmove(void* d, const void* s, size_t n) {
  simt::touch(s, n, simt::kRead, PC);
  simt::touch(d, n, simt::kWrite, PC);
  return memmove(d, s, n);
}
}
