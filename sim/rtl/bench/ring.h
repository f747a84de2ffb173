// A queue of fixed capacity that never allocates.
#pragma once

#include <array>
#include <cstddef>

#include "fault.h"

template <typename T, std::size_t Capacity>
class Ring {
    static_assert((Capacity & (Capacity - 1)) == 0, "a power of two");

public:
    bool empty() const { return m_head == m_tail; }
    std::size_t size() const { return m_tail - m_head; }
    T& front() { return m_items[m_head & (Capacity - 1)]; }
    void pop() { ++m_head; }
    void push(const T& item) {
        if (size() == Capacity) fail("more transactions are outstanding than the bench can hold");
        m_items[m_tail++ & (Capacity - 1)] = item;
    }

private:
    std::array<T, Capacity> m_items{};
    std::size_t m_head = 0;
    std::size_t m_tail = 0;
};
