/* Documents for C++: values, documents, writers, load and save. See npickle.hpp. */
#ifndef NPICKLE_DOCUMENT_HPP
#define NPICKLE_DOCUMENT_HPP

#include <npickle/array.hpp>

namespace npickle
{

/* A value of a document. Borrows from it. What is not there is a value too, of no kind: it is false, has size 0, and
 * all that is in it is not there either; as<T>() and array<T>() of it throw NPK_ERR_TYPE. */
class value
{
  public:
    value() noexcept = default;
    value(const npk_value *get) noexcept : value_(get)
    {
    }

    const npk_value *get() const noexcept
    {
        return value_;
    }
    explicit operator bool() const noexcept
    {
        return value_ != nullptr;
    }
    npk_kind kind() const noexcept
    {
        return npk_value_kind(value_);
    }
    std::size_t size() const noexcept
    {
        return value_ == nullptr ? 0 : npk_value_size(value_);
    }

    /* An item of a list, tuple or set; the value under a key of a dict, or an attribute of an object. */
    template <class Index, class = std::enable_if_t<std::is_integral_v<Index>>>
    value operator[](Index index) const noexcept
    {
        if constexpr (std::is_signed_v<Index>)
            if (index < 0)
                return value();
        return value(npk_value_item(value_, static_cast<std::size_t>(index)));
    }
    value operator[](const std::string &key) const
    {
        return (*this)[key.c_str()];
    }
    value operator[](const char *key) const noexcept
    {
        if (value_ == nullptr)
            return value();
        if (kind() == NPK_KIND_DICT)
            return value(npk_dict_get(value_, key));
        const npk_value *found = nullptr;
        std::string path = "." + std::string(key);
        return npk_value_find(value_, path.c_str(), &found, nullptr) == NPK_OK ? value(found) : value();
    }

    /* What lies at a path: "['w'][0].coef_". Errors: NPK_ERR_NOT_FOUND. */
    value find(const char *path) const
    {
        const npk_value *found = nullptr;
        detail::checked([&](npk_error *e) { return npk_value_find(value_, path, &found, e); });
        return value(found);
    }

    /* bool, an integer, a float, a std::string or a std::string_view (UTF-8, or the bytes of a str of Python 2).
     * Errors: NPK_ERR_TYPE for a value of another kind or one that does not fit. */
    template <class T> T as() const;

    bool is_array() const noexcept
    {
        return value_ != nullptr && npk_value_is_array(value_);
    }

    /* The array as C has it; a NumPy scalar is one of no dimensions. */
    npk_array array() const
    {
        npk_array out{};
        detail::checked([&](npk_error *e) {
            return value_ != nullptr && npk_value_is_scalar(value_) ? npk_scalar_of(value_, &out, e)
                                                                    : npk_array_of(value_, &out, e);
        });
        return out;
    }
    template <class T> ndarray<T> array(npk_casting casting = NPK_CAST_SAFE) const
    {
        return read<T>(array(), casting);
    }
    template <class Struct> ndarray<Struct> array(const descriptor &dtype) const
    {
        return read<Struct>(array(), dtype);
    }

    /* The elements where they lie, without a copy. Errors: NPK_ERR_CAST where the pickle has them in another type,
     * byte order, encoding or order, or not aligned for T. */
    template <class T> span<const T> elements() const
    {
        npk_array it = array();
        if (it.data == nullptr || it.order != 'C' || !npk_dtype_equal(it.dtype, npk_dtype_native(type_of<T>())) ||
            reinterpret_cast<std::uintptr_t>(it.data) % alignof(T) != 0)
            detail::fail(NPK_ERR_CAST,
                         "expected elements of this type in C order, which lie in the pickle as in memory");
        return span<const T>(static_cast<const T *>(it.data), static_cast<std::size_t>(npk_array_count(&it)));
    }

  private:
    const npk_value *value_ = nullptr;
};

template <class T> T value::as() const
{
    if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>) {
        std::size_t size = 0;
        const char *text = value_ == nullptr ? nullptr : npk_value_as_str(value_, &size);
        if (text == nullptr && value_ != nullptr && kind() == NPK_KIND_PYTHON2_STR)
            text = reinterpret_cast<const char *>(npk_value_as_bytes(value_, &size));
        if (text == nullptr)
            detail::fail(NPK_ERR_TYPE, "expected text");
        return T(text, size);
    } else if constexpr (std::is_same_v<T, bool>) {
        bool out = false;
        if (value_ == nullptr || !npk_value_as_bool(value_, &out))
            detail::fail(NPK_ERR_TYPE, "expected a bool");
        return out;
    } else if constexpr (std::is_integral_v<T>) {
        std::int64_t small = 0;
        std::uint64_t large = 0;
        if (value_ != nullptr && npk_value_as_int64(value_, &small) && (std::is_signed_v<T> || small >= 0) &&
            static_cast<std::int64_t>(static_cast<T>(small)) == small)
            return static_cast<T>(small);
        if (std::is_unsigned_v<T> && sizeof(T) == 8 && value_ != nullptr && npk_value_as_uint64(value_, &large))
            return static_cast<T>(large);
        detail::fail(NPK_ERR_TYPE, "expected an int that fits");
    } else {
        static_assert(std::is_floating_point_v<T>, "bool, an integer, a float, std::string or std::string_view");
        double out = 0;
        std::int64_t whole = 0;
        if (value_ != nullptr && npk_value_as_double(value_, &out))
            return static_cast<T>(out);
        if (value_ != nullptr && npk_value_as_int64(value_, &whole))
            return static_cast<T>(whole);
        if (value_ != nullptr && (npk_value_is_scalar(value_) || npk_value_is_array(value_))) {
            ndarray<T> element = array<T>(NPK_CAST_SAME_KIND);
            if (element.ndim() == 0)
                return element[0];
        }
        detail::fail(NPK_ERR_TYPE, "expected a number");
    }
}

/* One pickle and all that came out of it. */
class document
{
  public:
    static document load(const std::string &path, const npk_read_options *options = nullptr)
    {
        npk_doc *doc = nullptr;
        detail::checked([&](npk_error *e) { return npk_doc_load(path.c_str(), options, &doc, e); });
        return document(doc);
    }
    /* Borrows the bytes. */
    static document load(span<const std::uint8_t> bytes, const npk_read_options *options = nullptr)
    {
        npk_doc *doc = nullptr;
        detail::checked(
            [&](npk_error *e) { return npk_doc_load_memory(bytes.data(), bytes.size(), options, &doc, e); });
        return document(doc);
    }
    /* Takes over what a call of C gave out. */
    explicit document(npk_doc *doc) noexcept : doc_(doc)
    {
    }

    npk_doc *get() const noexcept
    {
        return doc_.get();
    }
    value root() const noexcept
    {
        return doc_ == nullptr ? value() : value(npk_doc_root(doc_.get()));
    }

    void save(const std::string &path, const npk_write_options *options = nullptr) const
    {
        detail::checked([&](npk_error *e) { return npk_doc_save(path.c_str(), doc_.get(), options, e); });
    }

  private:
    struct free_doc {
        void operator()(npk_doc *doc) const noexcept
        {
            npk_doc_free(doc);
        }
    };
    std::unique_ptr<npk_doc, free_doc> doc_;
};

/* Writes one pickle into memory or to a file. Errors are sticky, as in C: only finish() throws.
 *
 *     npickle::writer out;
 *     out.begin_dict().item("step", 7).item("field", field).end();
 *     std::vector<std::uint8_t> bytes = out.finish();
 */
class writer
{
  public:
    explicit writer(const npk_write_options *options = nullptr)
    {
        npk_writer *made = nullptr;
        detail::checked([&](npk_error *e) { return npk_writer_callback(collect, bytes_.get(), options, &made, e); });
        writer_.reset(made);
    }

    /* For the calls of npickle/writer.h that have no shorter name here. */
    npk_writer *get() const noexcept
    {
        return writer_.get();
    }

    writer &begin_list()
    {
        return npk_write_begin_list(get(), NPK_UNKNOWN), *this;
    }
    writer &begin_tuple()
    {
        return npk_write_begin_tuple(get(), NPK_UNKNOWN), *this;
    }
    writer &begin_dict()
    {
        return npk_write_begin_dict(get(), NPK_UNKNOWN), *this;
    }
    writer &begin_set()
    {
        return npk_write_begin_set(get(), NPK_UNKNOWN), *this;
    }
    writer &end()
    {
        return npk_write_end(get()), *this;
    }

    writer &write(std::nullptr_t)
    {
        return npk_write_none(get()), *this;
    }
    writer &write(const char *text)
    {
        return write(std::string_view(text));
    }
    writer &write(std::string_view text)
    {
        return npk_write_str_size(get(), text.data(), text.size()), *this;
    }
    writer &write(const std::string &text)
    {
        return write(std::string_view(text));
    }
    writer &write_bytes(span<const std::uint8_t> bytes)
    {
        return npk_write_bytes(get(), bytes.data(), bytes.size()), *this;
    }
    template <class T, class A> writer &write(const std::vector<T, A> &elements)
    {
        return write(array_view(elements));
    }
    writer &write(value from)
    {
        return npk_write_value(get(), from.get()), *this;
    }
    writer &write(const array_view &view)
    {
        npk_array array = view.get();
        return npk_write_array(get(), &array), *this;
    }
    template <class T> writer &write(const ndarray<T> &array)
    {
        return write(array_view(array));
    }
    template <class T> std::enable_if_t<std::is_arithmetic_v<T>, writer &> write(T number)
    {
        if constexpr (std::is_same_v<T, bool>)
            npk_write_bool(get(), number);
        else if constexpr (std::is_floating_point_v<T>)
            npk_write_float(get(), static_cast<double>(number));
        else if constexpr (std::is_signed_v<T>)
            npk_write_int(get(), number);
        else
            npk_write_uint(get(), number);
        return *this;
    }
    template <class T> writer &write(const std::complex<T> &number)
    {
        return npk_write_complex(get(), static_cast<double>(number.real()), static_cast<double>(number.imag())), *this;
    }

    /* A key and its value. */
    template <class T> writer &item(std::string_view key, const T &value)
    {
        return write(key), write(value);
    }

    /* The pickle. Errors: the first of all calls. */
    std::vector<std::uint8_t> finish()
    {
        detail::checked([&](npk_error *e) { return npk_writer_finish(writer_.release(), e); });
        return std::move(*bytes_);
    }

  private:
    static int collect(void *context, const void *bytes, std::size_t size) noexcept
    {
        try {
            auto *to = static_cast<std::vector<std::uint8_t> *>(context);
            const auto *from = static_cast<const std::uint8_t *>(bytes);
            to->insert(to->end(), from, from + size);
            return 0;
        } catch (...) {
            return 12; /* ENOMEM */
        }
    }
    struct abandon {
        void operator()(npk_writer *writer) const noexcept
        {
            npk_writer_abandon(writer);
        }
    };
    std::unique_ptr<std::vector<std::uint8_t>> bytes_ = std::make_unique<std::vector<std::uint8_t>>();
    std::unique_ptr<npk_writer, abandon> writer_;
};

/* One array, one file; the file appears whole or not at all. */
inline void save(const std::string &path, const array_view &view, const npk_write_options *options = nullptr)
{
    npk_array array = view.get();
    detail::checked([&](npk_error *e) { return npk_array_save(path.c_str(), &array, options, e); });
}
template <class T>
void save(const std::string &path, const std::vector<T> &elements, shape_type shape,
          const npk_write_options *options = nullptr)
{
    if (detail::count_of(shape) != elements.size())
        detail::fail(NPK_ERR_USAGE, "expected a shape with as many elements as the vector has");
    save(path, array_view(elements.data(), std::move(shape)), options);
}

/* The array that a pickle is, or that lies at a path inside. Errors: those of npk_doc_load, NPK_ERR_NOT_FOUND,
 * NPK_ERR_TYPE for what is not an array, NPK_ERR_CAST. */
template <class T> ndarray<T> load(const std::string &path, const char *where = "", npk_casting casting = NPK_CAST_SAFE)
{
    return document::load(path).root().find(where).array<T>(casting);
}
template <class Struct> ndarray<Struct> load(const std::string &path, const descriptor &dtype, const char *where = "")
{
    return document::load(path).root().find(where).array<Struct>(dtype);
}

} // namespace npickle

#endif
