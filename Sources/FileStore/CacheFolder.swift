/// Where things are kept that only save time: `$XDG_CACHE_HOME/hone`, or `~/.cache/hone`.
package struct CacheFolder: Sendable, Hashable {
    package let path: String

    /// Nil where the environment names neither.
    package init?(environment: [String: String]) {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            path = cache + "/hone"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = home + "/.cache/hone"
        } else {
            return nil
        }
    }
}
