/* Arrays for C++: errors, types, spans, arrays with memory of their own, descriptors. See npickle.hpp. */
#ifndef NPICKLE_ARRAY_HPP
#define NPICKLE_ARRAY_HPP

#include <npickle.h>

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace npickle
{

/* What a call of C reported. what() is its message. */
class error : public std::runtime_error
{
  public:
    explicit error(const npk_error &cause) : std::runtime_error(cause.message), cause_(cause)
    {
    }

    npk_status status() const noexcept
    {
        return cause_.status;
    }
    const char *name() const noexcept
    {
        return npk_status_name(cause_.status);
    }

    /* Bytes from the start of the input (of the output for a writer), or NPK_NO_OFFSET. */
    std::uint64_t offset() const noexcept
    {
        return cause_.offset;
    }

    /* All of it: the opcode, the errno of a system call. */
    const npk_error &cause() const noexcept
    {
        return cause_;
    }

  private:
    npk_error cause_;
};

namespace detail
{

[[noreturn]] inline void fail(npk_status status, const char *message)
{
    npk_error cause{};
    cause.status = status;
    cause.opcode = -1;
    cause.offset = NPK_NO_OFFSET;
    std::string_view text(message);
    text.copy(cause.message, sizeof cause.message - 1);
    throw error(cause);
}

/* Calls `call` with an npk_error, and throws what it reports. */
template <class Call> void checked(Call &&call)
{
    npk_error cause{};
    npk_status status = call(&cause);
    if (status == NPK_OK)
        return;
    if (cause.status == NPK_OK)
        fail(status, npk_status_text(status));
    throw error(cause);
}

template <class T> constexpr npk_type integer_type()
{
    constexpr bool is_signed = std::is_signed_v<T>;
    switch (sizeof(T)) {
    case 1:
        return is_signed ? NPK_INT8 : NPK_UINT8;
    case 2:
        return is_signed ? NPK_INT16 : NPK_UINT16;
    case 4:
        return is_signed ? NPK_INT32 : NPK_UINT32;
    default:
        return is_signed ? NPK_INT64 : NPK_UINT64;
    }
}

template <class> inline constexpr bool never = false;

} // namespace detail

/* NumPy's type of a type of C++: bool, an integer, float, double, std::complex of the two. Another type does not
 * compile. */
template <class T> constexpr npk_type type_of()
{
    using U = std::remove_cv_t<T>;
    if constexpr (std::is_same_v<U, bool>)
        return NPK_BOOL;
    else if constexpr (std::is_same_v<U, float>)
        return NPK_FLOAT32;
    else if constexpr (std::is_same_v<U, double>)
        return NPK_FLOAT64;
    else if constexpr (std::is_same_v<U, std::complex<float>>)
        return NPK_COMPLEX64;
    else if constexpr (std::is_same_v<U, std::complex<double>>)
        return NPK_COMPLEX128;
    else if constexpr (std::is_enum_v<U>)
        return detail::integer_type<std::underlying_type_t<U>>();
    else if constexpr (std::is_integral_v<U> && sizeof(U) <= 8)
        return detail::integer_type<U>();
    else
        static_assert(detail::never<T>, "NumPy has no such type");
}

using shape_type = std::vector<std::int64_t>;

namespace detail
{

inline std::size_t count_of(const shape_type &shape)
{
    npk_array described{};
    described.dtype = npk_dtype_native(NPK_UINT8);
    described.ndim = static_cast<int>(shape.size());
    described.shape = shape.data();
    std::int64_t count = shape.size() > NPK_MAXDIMS ? -1 : npk_array_count(&described);
    if (count < 0 || static_cast<std::uint64_t>(count) > SIZE_MAX / 64)
        fail(NPK_ERR_USAGE, "expected a shape whose elements can be counted");
    return static_cast<std::size_t>(count);
}

} // namespace detail

/* A run of elements that somebody else owns; converts to std::span where there is one. */
template <class T> class span
{
  public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;

    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }
    template <class Container,
              class = std::enable_if_t<std::is_convertible_v<decltype(std::declval<Container &>().data()), T *>>>
    constexpr span(Container &from) noexcept : data_(from.data()), size_(from.size())
    {
    }

    constexpr T *data() const noexcept
    {
        return data_;
    }
    constexpr std::size_t size() const noexcept
    {
        return size_;
    }
    constexpr bool empty() const noexcept
    {
        return size_ == 0;
    }
    constexpr T *begin() const noexcept
    {
        return data_;
    }
    constexpr T *end() const noexcept
    {
        return data_ + size_;
    }
    constexpr T &operator[](std::size_t index) const
    {
        return data_[index];
    }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/* An array with memory of its own, in C order. */
template <class T> class ndarray
{
  public:
    ndarray() = default;

    /* Zeros. Errors: NPK_ERR_USAGE for a negative length, and where the product overflows. */
    explicit ndarray(shape_type shape)
        : shape_(std::move(shape)), size_(detail::count_of(shape_)), data_(new T[size_]())
    {
    }

    ndarray(const ndarray &other) : shape_(other.shape_), size_(other.size_), data_(new T[other.size_])
    {
        for (std::size_t i = 0; i < size_; i++)
            data_[i] = other.data_[i];
    }
    ndarray(ndarray &&other) noexcept
        : shape_(std::move(other.shape_)), size_(std::exchange(other.size_, 0)), data_(std::move(other.data_))
    {
        other.shape_.assign(1, 0);
    }
    ndarray &operator=(ndarray other) noexcept
    {
        shape_.swap(other.shape_);
        std::swap(size_, other.size_);
        data_.swap(other.data_);
        return *this;
    }
    ~ndarray() = default;

    const shape_type &shape() const noexcept
    {
        return shape_;
    }
    std::size_t ndim() const noexcept
    {
        return shape_.size();
    }
    std::size_t size() const noexcept
    {
        return size_;
    }
    T *data() noexcept
    {
        return data_.get();
    }
    const T *data() const noexcept
    {
        return data_.get();
    }
    T *begin() noexcept
    {
        return data();
    }
    T *end() noexcept
    {
        return data() + size_;
    }
    const T *begin() const noexcept
    {
        return data();
    }
    const T *end() const noexcept
    {
        return data() + size_;
    }

    /* Elements by their place in C order. */
    T &operator[](std::size_t index)
    {
        return data_[index];
    }
    const T &operator[](std::size_t index) const
    {
        return data_[index];
    }

    /* One element by an index for each axis. Errors: NPK_ERR_USAGE for another number of them, or one outside. */
    template <class... Index> T &operator()(Index... index)
    {
        return data_[place({static_cast<std::int64_t>(index)...})];
    }
    template <class... Index> const T &operator()(Index... index) const
    {
        return data_[place({static_cast<std::int64_t>(index)...})];
    }

  private:
    std::size_t place(std::initializer_list<std::int64_t> index) const
    {
        std::size_t at = 0, axis = 0;
        if (index.size() != shape_.size())
            detail::fail(NPK_ERR_USAGE, "expected one index for each axis");
        for (std::int64_t i : index) {
            if (i < 0 || i >= shape_[axis])
                detail::fail(NPK_ERR_USAGE, "expected an index from 0 to the length of its axis - 1");
            at = at * static_cast<std::size_t>(shape_[axis++]) + static_cast<std::size_t>(i);
        }
        return at;
    }

    shape_type shape_ = {0};
    std::size_t size_ = 0;
    std::unique_ptr<T[]> data_;
};

/* A descriptor: built in, or one of its own. */
class descriptor
{
  public:
    /* What numpy.dtype(text) takes. Errors: those of npk_dtype_parse. */
    explicit descriptor(const char *text)
    {
        detail::checked([&](npk_error *e) { return npk_dtype_parse(text, nullptr, &dtype_, e); });
    }
    /* Takes over what a call of C gave out. */
    static descriptor adopt(const npk_dtype *dtype) noexcept
    {
        return descriptor(dtype, 0);
    }

    descriptor(descriptor &&other) noexcept : dtype_(std::exchange(other.dtype_, nullptr))
    {
    }
    descriptor &operator=(descriptor &&other) noexcept
    {
        std::swap(dtype_, other.dtype_);
        return *this;
    }
    ~descriptor()
    {
        npk_dtype_free(dtype_);
    }

    const npk_dtype *get() const noexcept
    {
        return dtype_;
    }
    std::int64_t itemsize() const noexcept
    {
        return npk_dtype_itemsize(dtype_);
    }

    /* dtype.str of NumPy: "<f8". */
    std::string str() const
    {
        std::string text(npk_dtype_str(dtype_, nullptr, 0), '\0');
        npk_dtype_str(dtype_, text.data(), text.size() + 1);
        return text;
    }

  private:
    descriptor(const npk_dtype *dtype, int) noexcept : dtype_(dtype)
    {
    }

    const npk_dtype *dtype_ = nullptr;
};

/* One member of a struct, for struct_of; NPICKLE_MEMBER makes it. */
struct member {
    const char *name;
    npk_type type;      /* of an element; NPK_BYTES for char */
    std::int64_t size;  /* bytes of an element */
    std::size_t offset; /* bytes from the start of the struct */
    int ndim;
    std::array<std::int64_t, 3> shape;
};

namespace detail
{

template <class Member> member member_of(const char *name, std::size_t offset)
{
    using element = std::remove_all_extents_t<Member>;
    constexpr int rank = static_cast<int>(std::rank_v<Member>);
    constexpr bool is_text = std::is_same_v<element, char>;
    static_assert(rank <= 3 && (!is_text || rank > 0), "a number, or an array of one to three dimensions; a char[n]");
    member out{};
    out.name = name;
    out.offset = offset;
    out.shape = {static_cast<std::int64_t>(std::extent_v<Member, 0>),
                 static_cast<std::int64_t>(std::extent_v<Member, 1>),
                 static_cast<std::int64_t>(std::extent_v<Member, 2>)};
    if constexpr (is_text) {
        out.type = NPK_BYTES;
        out.ndim = rank - 1;
        out.size = out.shape[static_cast<std::size_t>(rank - 1)];
    } else {
        out.type = type_of<element>();
        out.ndim = rank;
        out.size = sizeof(element);
    }
    return out;
}

} // namespace detail

/* The member `name` of the struct `type`: a number, an enum, a char[n], or an array of them. */
#define NPICKLE_MEMBER(type, name) ::npickle::detail::member_of<decltype(type::name)>(#name, offsetof(type, name))

/* The descriptor of an array of structs, as they lie in memory; members that are not named are padding. */
template <class Struct> descriptor struct_of(std::initializer_list<member> members)
{
    static_assert(std::is_standard_layout_v<Struct> && std::is_trivially_copyable_v<Struct>, "a struct as C has them");
    std::vector<descriptor> made;
    std::vector<npk_field> fields;
    made.reserve(2 * members.size());
    auto keep = [&](auto &&make) {
        const npk_dtype *dtype = nullptr;
        detail::checked([&](npk_error *e) { return make(&dtype, e); });
        made.push_back(descriptor::adopt(dtype));
        return dtype;
    };
    for (const member &m : members) {
        const npk_dtype *dtype = npk_dtype_native(m.type);
        if (m.type == NPK_BYTES)
            dtype = keep([&](const npk_dtype **out, npk_error *e) {
                return npk_dtype_new_sized(NPK_BYTES, m.size, '|', nullptr, out, e);
            });
        if (m.ndim > 0)
            dtype = keep([&, base = dtype](const npk_dtype **out, npk_error *e) {
                return npk_dtype_new_subarray(base, m.ndim, m.shape.data(), nullptr, out, e);
            });
        npk_field field{};
        field.name = m.name;
        field.name_size = std::char_traits<char>::length(m.name);
        field.dtype = dtype;
        field.offset = static_cast<std::int64_t>(m.offset);
        fields.push_back(field);
    }
    const npk_dtype *dtype = nullptr;
    detail::checked([&](npk_error *e) {
        return npk_dtype_new_struct(fields.data(), fields.size(), sizeof(Struct), false, nullptr, &dtype, e);
    });
    return descriptor::adopt(dtype);
}

/* A description of elements in C order that somebody else owns. Copy it as you like: it holds its shape. */
class array_view
{
  public:
    template <class T>
    array_view(const T *data, shape_type shape) : array_view(npk_dtype_native(type_of<T>()), data, std::move(shape))
    {
    }
    template <class T> array_view(const ndarray<T> &array) : array_view(array.data(), array.shape())
    {
    }
    template <class T, class A>
    array_view(const std::vector<T, A> &elements)
        : array_view(elements.data(), shape_type{static_cast<std::int64_t>(elements.size())})
    {
        static_assert(!std::is_same_v<T, bool>, "a vector<bool> has no memory of bools");
    }
    /* Any descriptor, which must outlive the view. */
    array_view(const npk_dtype *dtype, const void *data, shape_type shape)
        : dtype_(dtype), data_(data), shape_(std::move(shape))
    {
    }

    /* As the calls of C take it; borrows from this view. */
    npk_array get() const
    {
        npk_array out{};
        out.dtype = dtype_;
        out.data = data_;
        out.ndim = static_cast<int>(shape_.size());
        out.shape = shape_.data();
        if (shape_.size() > NPK_MAXDIMS)
            detail::fail(NPK_ERR_USAGE, "expected no more than 64 dimensions");
        return out;
    }

  private:
    const npk_dtype *dtype_;
    const void *data_;
    shape_type shape_;
};

/* Reads any array into memory of its own: every numeric type, byte order and layout, where `casting` allows. */
template <class T> ndarray<T> read(const npk_array &array, npk_casting casting = NPK_CAST_SAFE)
{
    ndarray<T> out(shape_type(array.shape, array.shape + array.ndim));
    detail::checked([&](npk_error *e) {
        return npk_array_read_as(&array, npk_dtype_native(type_of<T>()), casting, out.data(), out.size(), e);
    });
    return out;
}

/* Reads an array of structs by the names of its fields. */
template <class Struct> ndarray<Struct> read(const npk_array &array, const descriptor &dtype)
{
    if (dtype.itemsize() != static_cast<std::int64_t>(sizeof(Struct)))
        detail::fail(NPK_ERR_USAGE, "expected the descriptor of this struct");
    ndarray<Struct> out(shape_type(array.shape, array.shape + array.ndim));
    detail::checked(
        [&](npk_error *e) { return npk_array_read_fields(&array, dtype.get(), nullptr, out.data(), out.size(), e); });
    return out;
}

} // namespace npickle

#endif
