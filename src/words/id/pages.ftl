# Teks halaman. Teks di antara <a> dan </a> adalah tautan, di antara <b> dan </b> ditebalkan.

## Header dan footer setiap halaman

skip = Langsung ke konten
nav = Akun
nav-account = Akun
nav-log-in = Masuk
nav-sign-up = Daftar
nav-log-out = Keluar
language = Bahasa
dismiss = Tutup

## Navigasi akun

account-nav = Akun Anda
account-nav-overview = Ringkasan
account-nav-email = Alamat email
account-nav-security = Keamanan
account-nav-devices = Perangkat
account-nav-activity = Aktivitas

## Beranda

home-title = Selamat datang
home-lead = Masuk untuk mengelola akun, atau buat akun dalam satu menit.
home-description = Akun Anda di { $shop }: daftar, masuk, dan kelola perangkat Anda.
home-sign-up = Buat akun
home-log-in = Masuk
home-customer-title = Selamat datang kembali
home-customer-heading = Halo, { $name }
home-customer-lead = Anda masuk sebagai <b>{ $email }</b>.
home-customer-account = Buka akun Anda

## Masuk dan mendaftar

log-in-title = Masuk
log-in-button = Masuk
log-in-busy = Sedang masuk…
log-in-forgot = <a>Lupa kata sandi?</a>
log-in-verify = Baru mendaftar? <a>Verifikasi email Anda</a>
log-in-new = Belum punya akun? <a>Buat akun</a>
sign-up-title = Buat akun Anda
sign-up-button = Buat akun
sign-up-busy = Membuat akun Anda…
sign-up-password-hint = Minimal 8 karakter. Gabungan tiga atau empat kata acak sudah cukup kuat.
sign-up-known = Sudah punya akun? <a>Masuk</a>
did-you-mean = Maksud Anda { $email }?

## Isian

field-name = Nama
field-email = Alamat email
field-password = Kata sandi
field-new-password = Kata sandi baru
field-current-password = Kata sandi saat ini
field-new-email = Alamat email baru
field-code = Kode verifikasi
field-code-hint = 6 digit, berlaku selama 24 jam.
password-show = Tampilkan
password-caps-lock = Caps Lock aktif.
password-strength = Kekuatan:
password-strength-0 = Sangat lemah
password-strength-1 = Lemah
password-strength-2 = Cukup
password-strength-3 = Baik
password-strength-4 = Kuat

## Kesalahan isian

error-title = Kesalahan: { $title }
error-summary = Ada masalah
fault-name-required = Masukkan nama Anda.
fault-name-too-long = Gunakan maksimal { $most } karakter.
fault-name = Nama Anda mengandung karakter yang tidak dapat digunakan.
fault-email-required = Masukkan alamat email Anda.
fault-email-unchanged = Alamat email ini sudah Anda gunakan.
fault-email-too-long = Alamat email ini terlalu panjang.
fault-email = Masukkan alamat email seperti nama@contoh.com.
fault-current-password-required = Masukkan kata sandi Anda saat ini.
fault-current-password = Kata sandi salah.
fault-password-required = Masukkan kata sandi.
fault-password-too-short = Gunakan minimal { $least } karakter.
fault-password-too-long = Gunakan maksimal { $most } karakter.
fault-password-too-common = Kata sandi ini terlalu mudah ditebak. Pilih kata sandi lain.
fault-password-too-personal = Jangan gunakan nama Anda, email Anda, atau nama toko.
fault-password = Kata sandi Anda mengandung karakter yang tidak dapat digunakan.
fault-code-required = Masukkan kode dari email kami.
fault-code-wrong = Kode salah atau sudah kedaluwarsa. Periksa email terbaru dari kami atau minta kode baru.
fault-code = Masukkan 6 digit kode.

## Kesalahan permintaan

problem-invalid-credentials = Email atau kata sandi salah.
problem-unauthenticated = Silakan masuk untuk melanjutkan.
problem-confirmation-required = Konfirmasi kata sandi Anda untuk melanjutkan.
problem-cross-origin = Permintaan ini kami blokir demi keamanan Anda. Kembali dan coba lagi.
problem-not-found = Kami tidak dapat menemukannya. Mungkin sudah tidak ada.
problem-misdirected = Server ini tidak melayani nama host ini. Periksa alamatnya.
problem-email-taken = Sudah ada akun dengan alamat email ini. Silakan masuk.
problem-link-expired = Tautan ini sudah kedaluwarsa atau sudah dipakai. Minta tautan baru.
problem-too-large = Data yang dikirim terlalu besar.
problem-unsupported-media-type = Kirim JSON atau formulir, tanpa pengodean konten (content encoding).
problem-invalid = Beberapa isian belum benar.
problem-too-many-attempts = Terlalu banyak percobaan. Tunggu beberapa saat, lalu coba lagi.
problem-too-many-attempts-wait = Terlalu banyak percobaan. Coba lagi dalam { $wait }.
problem-unavailable = Layanan sedang terganggu. Silakan coba beberapa saat lagi.
problem-internal = Terjadi kesalahan di pihak kami. Silakan coba lagi.
wait-seconds = { $seconds } detik
wait-minutes = { $minutes } menit
wait-hours = { $hours } jam

## Waktu dan perangkat

month = { $month ->
    [1] Januari
    [2] Februari
    [3] Maret
    [4] April
    [5] Mei
    [6] Juni
    [7] Juli
    [8] Agustus
    [9] September
    [10] Oktober
    [11] November
   *[12] Desember
}
day = { $day } { month } { $year }
minute = { day } pukul { $hour }.{ $minute } UTC
device = { $browser } di { $system }
device-unknown = Perangkat tidak dikenal

## Ringkasan

account-title = Akun Anda
account-lead = Halo, { $name }. Kelola data diri dan keamanan akun Anda.
account-verify = <a>Verifikasi email Anda</a> agar Anda bisa mengatur ulang kata sandi jika lupa.
account-profile = Data diri
account-name = Nama
account-email = Alamat email
account-email-verified = Terverifikasi
account-email-unverified = Belum diverifikasi
account-since = Pelanggan sejak
account-change-email = Ubah alamat email
account-devices = Perangkat
account-devices-count = { $count ->
    [1] Anda hanya masuk di perangkat ini.
   *[other] Anda masuk di { $count } perangkat.
}
account-all-devices = Kelola perangkat
account-password = Kata sandi
account-password-changed = Terakhir diubah pada { $day }.
account-password-unchanged = Belum pernah diubah.
account-password-unknown = Gunakan kata sandi yang tidak dipakai di tempat lain.
account-change-password = Ubah kata sandi
account-activity = Aktivitas terbaru
account-all-activity = Lihat semua aktivitas

## Perangkat

devices-title = Perangkat Anda
devices-lead = Ada perangkat yang tidak Anda kenali? Keluar dari perangkat itu, lalu ubah kata sandi Anda.
devices-confirm = <a>Konfirmasi kata sandi Anda</a> untuk keluar dari perangkat lain.
devices-this = Perangkat ini
devices-last-seen = Terakhir aktif
devices-from = dari { $address }
devices-since = masuk sejak
devices-only = Tidak ada perangkat lain
devices-only-lead = Anda hanya masuk di sini.
devices-sign-out = Keluar
devices-sign-out-label = Keluar dari { $device }
devices-sign-out-others = Keluar dari semua perangkat lain
devices-sign-out-others-title = Keluar dari semua perangkat lain?
devices-sign-out-others-lead = Perangkat lain harus masuk lagi. Anda tetap masuk di sini.
devices-sign-out-others-yes = Keluar dari perangkat lain
cancel = Batal
signing-out = Sedang keluar…

## Aktivitas

activity-title = Aktivitas
activity-lead = Ada aktivitas yang bukan dari Anda? <a>Ubah kata sandi Anda</a>. Semua perangkat lain akan otomatis keluar.
activity-none = Belum ada aktivitas
activity-none-lead = Aktivitas akun Anda akan muncul di sini.
event-signed-up = Akun dibuat
event-email-verified = Alamat email diverifikasi
event-email-change-asked = Perubahan email diminta
event-email-change-cancelled = Perubahan email dibatalkan
event-email-changed = Alamat email diubah, keluar dari semua perangkat lain
event-account-secured = Akun diamankan: keluar dari semua perangkat, kata sandi baru diperlukan
event-logged-in = Masuk
event-logged-in-on-new-device = Masuk di perangkat baru
event-attempt-failed = { $count ->
    [1] Upaya masuk gagal
   *[other] { $count } upaya masuk gagal
}
event-confirmed = Kata sandi dikonfirmasi
event-password-changed = Kata sandi diubah, keluar dari semua perangkat lain
event-reset-asked = Pengaturan ulang kata sandi diminta
event-password-reset = Kata sandi diatur ulang, keluar dari semua perangkat
event-logged-out = Keluar
event-device-signed-out = Keluar dari sebuah perangkat melalui perangkat lain
event-other-devices-signed-out = Keluar dari semua perangkat lain
event-token-reused = Aktivitas mencurigakan: kami mengeluarkan perangkat yang sesinya telah disalin
event-account-made = Akun dibuat oleh toko
event-account-disabled = Akun dinonaktifkan oleh toko, keluar dari semua perangkat
event-account-enabled = Akun diaktifkan kembali oleh toko
event-role-changed = Izin akun diubah oleh toko
event-signed-out-by-shop = Dikeluarkan dari semua perangkat oleh toko
event-times = { $event } ({ $count } kali)

## Keamanan

security-title = Ubah kata sandi Anda
security-hint = Minimal 8 karakter. Semua perangkat lain akan otomatis keluar.
security-button = Ubah kata sandi
security-busy = Mengubah kata sandi Anda…

## Konfirmasi kata sandi

confirm-title = Konfirmasi identitas Anda
confirm-lead = Demi keamanan, masukkan kata sandi Anda. Kami tidak akan memintanya lagi selama 10 menit.
confirm-button = Konfirmasi
confirm-busy = Mengonfirmasi…

## Alamat email

email-title = Alamat email Anda
email-lead = Anda masuk dengan <b>{ $email }</b>.
email-verify = Verifikasi alamat email ini
email-no-mail = Toko ini tidak mengirim email. Silakan hubungi toko untuk mengubah alamat email Anda.
email-confirm = <a>Konfirmasi kata sandi Anda</a> untuk mengubah alamat email.
email-button = Ubah email
email-replace = Ubah email
email-busy = Mengirim…
email-proposed = Buka tautan yang kami kirim ke <b>{ $email }</b>, atau <a>masukkan kodenya</a>.
email-cancel = Batalkan perubahan

## Konfirmasi perubahan email

change-email-title = Ubah alamat email Anda
change-email-lead = Mulai sekarang, Anda masuk dengan alamat email baru. Perangkat lain akan otomatis keluar.
change-email-button = Gunakan alamat email ini
change-email-busy = Mengubah alamat email Anda…
change-email-expired = Tautan ini sudah kedaluwarsa atau sudah dipakai. Minta tautan baru.
change-email-elsewhere = Untuk menyelesaikan, masukkan kode ini di browser tempat Anda meminta perubahan:
change-email-elsewhere-why = Bukan Anda yang meminta? Tutup halaman ini. Tanpa kode ini tidak ada yang berubah.
change-email-code = Kami telah mengirim kode 6 digit ke <b>{ $email }</b>. Masukkan di sini, atau buka tautan di email tersebut.
change-email-other = Kami telah mengirim kode 6 digit ke <b>{ $email }</b>. Masukkan di browser tempat Anda meminta perubahan.
change-email-follow = Buka tautan di email kami.
change-email-back = Kembali ke pengaturan email

## Lupa kata sandi

forgot-title = Lupa kata sandi?
forgot-lead = Masukkan email Anda dan kami akan mengirim tautan untuk mengatur ulang kata sandi.
forgot-no-mail = Toko ini tidak mengirim email. Silakan hubungi toko untuk mengatur ulang kata sandi Anda.
forgot-button = Kirim tautan
forgot-busy = Mengirim…
forgot-back = Kembali ke halaman masuk

## Atur ulang kata sandi

reset-title = Buat kata sandi baru
reset-hint = Minimal 8 karakter. Semua perangkat akan otomatis keluar.
reset-follow = Buka tautan di email kami, atau <a>minta tautan baru</a>.
reset-log-in = Masuk
reset-done-before = Sudah mengatur kata sandi baru? <a>Masuk</a>

## Mengamankan akun

secure-title = Amankan akun Anda
secure-lead = Jika ini bukan Anda, mungkin ada orang lain yang tahu kata sandi Anda. Mengamankan akun akan:
secure-devices = mengeluarkan semua perangkat, termasuk perangkat ini
secure-password = membatalkan kata sandi Anda dan mengirim tautan untuk membuat yang baru
secure-email = mengembalikan alamat email Anda jika sempat diubah
secure-button = Amankan akun saya
secure-busy = Mengamankan akun Anda…
secure-taken = Alamat email ini sekarang dipakai akun lain, jadi kami belum dapat mengembalikannya.
secure-taken-next = Jika akun itu milik Anda, <a>masuk</a> dan ubah alamat emailnya, lalu buka tautan ini lagi. Jika bukan, hubungi toko.
secure-expired = Tautan ini sudah kedaluwarsa atau sudah dipakai.
secure-expired-next = Masih khawatir? <a>Atur ulang kata sandi Anda</a>.
secure-follow = Buka tautan di email kami.

## Verifikasi alamat

verify-title = Verifikasi alamat email Anda
verify-code = Kami telah mengirim kode 6 digit ke <b>{ $email }</b>. Masukkan di sini, atau buka tautan di email tersebut.
verify-typo = Maksud Anda <b>{ $email }</b>? <a>Daftar dengan alamat itu</a>.
verify-button = Verifikasi
verify-busy = Memverifikasi…
verify-again = Belum menerimanya? Periksa folder spam.
verify-again-button = Kirim ulang email
verify-expired = Tautan ini sudah kedaluwarsa atau sudah dipakai.
verify-expired-next = <a>Masuk</a> dan kami akan mengirim tautan baru jika diperlukan.
verify-follow = Buka tautan di email kami. Bisa dibuka di browser mana pun.
verify-follow-next = Belum menerima email? <a>Masuk</a> dan kami akan mengirim tautan baru jika diperlukan.
verify-done = <b>{ $email }</b> sudah diverifikasi.
verify-done-next = Buka akun Anda
verify-no-mail = Toko ini tidak mengirim email, jadi Anda tidak perlu memverifikasi alamat email.
verify-reclaims = Anda mendaftar di browser lain. Demi keamanan akun, buat kata sandi baru setelah ini. Semua perangkat akan otomatis keluar.
verify-keeps = Agar kata sandi Anda tidak berubah, buka tautan ini di browser tempat Anda mendaftar, atau masukkan kodenya di sana.
verify-link-button = Verifikasi alamat email saya

## Pesan berhasil

done-password-changed = Kata sandi Anda telah diubah, dan semua perangkat lain telah keluar.
done-email-proposed = Periksa kotak masuk email baru Anda. Alamat saat ini tetap berlaku sampai Anda mengonfirmasi.
done-email-withdrawn = Perubahan email dibatalkan.
done-email-changed = Alamat email Anda telah diubah, dan semua perangkat lain telah keluar.
done-account-secured = Anda telah keluar dari semua perangkat. Kami telah mengirim tautan untuk membuat kata sandi baru.
done-verification-sent = Terkirim. Tautan dan kode sebelumnya tidak berlaku lagi.
done-reset-asked = Jika alamat itu memiliki akun, tautannya sedang dikirim. Berlaku selama 30 menit.
done-password-reset = Kata sandi Anda telah diubah, dan semua perangkat telah keluar. Masuk dengan kata sandi baru Anda.
done-device-signed-out = Berhasil keluar. Anda perlu masuk lagi di sana.

## Halaman kesalahan

not-found-title = Halaman tidak ditemukan
not-found-lead = Kami tidak dapat menemukan halaman itu. Periksa alamatnya atau kembali ke beranda.
not-found-home = Kembali ke beranda
broken-title = Terjadi kesalahan
unavailable-title = Kami segera kembali
broken-home = Kembali ke beranda

## Halaman pengembangan

kept-mail = Lihat email uji coba
dev-mail-title = Email uji coba
dev-mail-lead = Server email belum diatur, jadi email ditampilkan di sini dan tidak dikirim. 50 email terbaru disimpan.
dev-mail-none = Belum ada email
dev-mail-none-lead = Email akan muncul di sini. Muat ulang halaman untuk melihat email baru.
dev-mail-to = Kepada { $email }
