# Yang dibaca orang di halaman. Teks di antara <a> dan </a> adalah tautan, di antara <b> dan </b> ditekankan.

## Bingkai setiap halaman

skip = Langsung ke isi
nav = Akun
nav-account = Akun
nav-log-in = Masuk
nav-sign-up = Daftar
nav-log-out = Keluar
language = Bahasa
dismiss = Tutup

## Halaman akun

account-nav = Akun Anda
account-nav-overview = Ringkasan
account-nav-email = Alamat email
account-nav-security = Keamanan
account-nav-devices = Perangkat
account-nav-activity = Aktivitas

## Halaman depan

home-title = Selamat datang
home-lead = Akun Anda di toko ini: satu tempat untuk mendaftar, masuk, dan tetap masuk.
home-description = Akun Anda di { $shop }: mendaftar, masuk, dan melihat di mana Anda masuk.
home-sign-up = Buat akun
home-log-in = Masuk
home-customer-title = Selamat datang kembali
home-customer-heading = Halo, { $name }
home-customer-lead = Senang bertemu Anda. Anda masuk sebagai <b>{ $email }</b>.
home-customer-account = Buka akun Anda

## Masuk dan mendaftar

log-in-title = Masuk
log-in-button = Masuk
log-in-busy = Sedang masuk…
log-in-forgot = <a>Lupa kata sandi?</a>
log-in-verify = Baru mendaftar? <a>Verifikasi alamat email Anda dulu</a>
log-in-new = Baru di sini? <a>Buat akun</a>
sign-up-title = Buat akun Anda
sign-up-button = Buat akun
sign-up-busy = Membuat akun Anda…
sign-up-password-hint = 8 karakter atau lebih. Beberapa kata yang mudah Anda ingat sudah bagus.
sign-up-known = Sudah punya akun? <a>Masuk</a>
did-you-mean = Maksud Anda { $email }?

## Isian

field-name = Nama
field-email = Alamat email
field-password = Kata sandi
field-new-password = Kata sandi baru
field-current-password = Kata sandi saat ini
field-new-email = Alamat email baru
field-code = Kode
field-code-hint = Enam angka. Berlaku selama satu hari.
password-show = Tampilkan
password-caps-lock = Caps Lock aktif.
password-strength = Kekuatan:
password-strength-0 = Sangat lemah
password-strength-1 = Lemah
password-strength-2 = Cukup
password-strength-3 = Baik
password-strength-4 = Kuat

## Apa yang salah pada isian, dan cara memperbaikinya

error-title = Kesalahan: { $title }
error-summary = Ada masalah
fault-name-required = Isi nama Anda.
fault-name-too-long = Gunakan paling banyak { $most } karakter.
fault-name = Isi nama Anda tanpa karakter kontrol.
fault-email-required = Isi alamat email Anda.
fault-email-unchanged = Ini sudah alamat Anda.
fault-email-too-long = Alamat ini terlalu panjang.
fault-email = Isi alamat email seperti nama@contoh.com.
fault-current-password-required = Isi kata sandi Anda saat ini.
fault-current-password = Ini bukan kata sandi Anda saat ini.
fault-password-required = Isi kata sandi.
fault-password-too-short = Gunakan sedikitnya { $least } karakter.
fault-password-too-long = Gunakan paling banyak { $most } karakter.
fault-password-too-common = Kata sandi ini termasuk yang paling umum. Pilih yang lain.
fault-password-too-personal = Kata sandi ini terlalu mirip dengan nama Anda, alamat email Anda, atau nama toko.
fault-password = Kata sandi ini berisi karakter yang tidak bisa dipakai.
fault-code-required = Isi kode dari email kami.
fault-code-wrong = Ini bukan kode dari email terakhir kami, atau masa berlakunya habis. Minta email baru.
fault-code = Isi enam angka kodenya.

## Apa yang menghalangi, dan apa langkah berikutnya

problem-invalid-credentials = Alamat email atau kata sandi salah.
problem-unauthenticated = Silakan masuk dulu.
problem-confirmation-required = Silakan konfirmasi kata sandi Anda dulu.
problem-cross-origin = Permintaan ini datang dari situs lain dan tidak dijalankan.
problem-not-found = Tidak ada apa-apa di sini.
problem-misdirected = Server ini tidak melayani nama host ini. Periksa alamatnya.
problem-email-taken = Sudah ada akun dengan alamat email ini. Silakan masuk.
problem-link-expired = Tautan ini tidak berlaku lagi. Minta yang baru.
problem-too-large = Ini lebih dari yang bisa dikirim sekaligus.
problem-unsupported-media-type = Kirim JSON atau formulir.
problem-invalid = Beberapa isian perlu diperiksa lagi.
problem-too-many-attempts = Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi.
problem-too-many-attempts-wait = Terlalu banyak percobaan. Coba lagi dalam { $wait }.
problem-unavailable = Kami belum bisa menjawab saat ini. Silakan coba lagi sebentar lagi.
problem-internal = Ada yang salah di pihak kami. Silakan coba lagi.
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
account-lead = Halo, { $name }. Inilah yang perlu diketahui tentang akun Anda.
account-verify = Silakan <a>verifikasi alamat email Anda</a>, agar Anda bisa masuk kembali bila lupa kata sandi.
account-profile = Anda
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
account-all-devices = Perangkat Anda
account-password = Kata sandi
account-password-changed = Terakhir diubah pada { $day }.
account-password-unchanged = Belum pernah diubah.
account-password-unknown = Gunakan kata sandi yang tidak Anda pakai di tempat lain.
account-change-password = Ubah kata sandi
account-activity = Aktivitas terakhir
account-all-activity = Semua aktivitas

## Perangkat

devices-title = Perangkat Anda
devices-lead = Anda masuk di perangkat-perangkat ini. Akhiri yang tidak Anda kenal, lalu ubah kata sandi Anda.
devices-confirm = Untuk mengeluarkan perangkat lain, <a>konfirmasi kata sandi Anda dulu</a>.
devices-this = Perangkat ini
devices-last-seen = Terakhir terlihat
devices-from = dari { $address }
devices-since = sejak
devices-only = Tidak ada perangkat lain
devices-only-lead = Anda tidak masuk di tempat lain.
devices-sign-out = Keluarkan
devices-sign-out-label = Keluarkan { $device }
devices-sign-out-others = Keluarkan semua perangkat lain
devices-sign-out-others-title = Keluarkan semua perangkat lain?
devices-sign-out-others-lead = Siapa pun yang memakainya harus masuk lagi. Anda tetap masuk di sini.
devices-sign-out-others-yes = Keluarkan semuanya
cancel = Batal
signing-out = Mengeluarkan…

## Aktivitas

activity-title = Aktivitas
activity-lead = Ada yang bukan dari Anda? <a>Ubah kata sandi Anda</a>: semua perangkat lain akan dikeluarkan.
activity-none = Belum ada
activity-none-lead = Apa yang terjadi pada akun Anda akan tercantum di sini.
event-signed-up = Anda membuka akun ini
event-email-verified = Alamat email diverifikasi
event-email-change-asked = Alamat email lain diajukan
event-email-changed = Alamat email diubah, semua perangkat lain dikeluarkan
event-account-secured = Akun diamankan: semua perangkat dikeluarkan, sampai kata sandi baru dipilih lewat email
event-logged-in = Masuk
event-logged-in-on-new-device = Masuk di perangkat baru
event-attempt-failed = { $count ->
    [1] Satu percobaan dengan kata sandi yang salah
   *[other] { $count } percobaan dengan kata sandi yang salah
}
event-confirmed = Kata sandi dikonfirmasi
event-password-changed = Kata sandi diubah, semua perangkat lain dikeluarkan
event-reset-asked = Tautan untuk memilih kata sandi baru diminta
event-password-reset = Kata sandi baru dipilih lewat tautan, semua perangkat dikeluarkan
event-logged-out = Keluar
event-device-signed-out = Sebuah perangkat dikeluarkan dari perangkat lain
event-other-devices-signed-out = Semua perangkat lain dikeluarkan
event-token-reused = Sebuah perangkat dikeluarkan karena salinan kuncinya dipakai
event-account-made = Toko membuka akun ini untuk Anda
event-account-disabled = Toko menutup akun ini, semua perangkat dikeluarkan
event-account-enabled = Toko membuka kembali akun ini
event-role-changed = Toko mengubah apa yang boleh dilakukan akun ini
event-signed-out-by-shop = Toko mengeluarkan semua perangkat
event-times = { $event } ({ $count } kali)

## Keamanan

security-title = Ubah kata sandi Anda
security-hint = 8 karakter atau lebih. Semua perangkat lain akan dikeluarkan.
security-button = Ubah kata sandi
security-busy = Mengubah kata sandi Anda…

## Konfirmasi kata sandi

confirm-title = Pastikan ini Anda
confirm-lead = Langkah berikutnya peka. Kata sandi Anda membukanya selama sepuluh menit.
confirm-button = Konfirmasi
confirm-busy = Mengonfirmasi…

## Alamat email

email-title = Alamat email Anda
email-lead = Anda masuk dengan <b>{ $email }</b>.
email-verify = Verifikasi alamat ini
email-no-mail = Toko ini tidak mengirim email. Silakan minta bantuannya untuk mengubah alamat Anda.
email-confirm = Untuk mengubahnya, <a>konfirmasi kata sandi Anda dulu</a>.
email-button = Ubah alamat
email-replace = Ganti
email-busy = Mengirim…
email-proposed = Menunggu <b>{ $email }</b>: ikuti tautan di email kami ke alamat itu, atau <a>ketik kodenya</a>.
email-cancel = Batalkan perubahan

## Perubahan alamat email

change-email-title = Ubah alamat email Anda
change-email-lead = Mulai sekarang Anda masuk dengan alamat yang kami surati, dan email tentang akun Anda dikirim ke sana. Semua perangkat lain dikeluarkan.
change-email-button = Pakai alamat ini
change-email-busy = Mengubah alamat Anda…
change-email-expired = Tautan ini sudah kedaluwarsa atau sudah dipakai. Minta tautan baru.
change-email-elsewhere = Untuk menyelesaikan, masukkan kode ini di browser tempat Anda meminta perubahan:
change-email-elsewhere-why = Bukan Anda yang meminta? Tutup halaman ini. Tanpa kode ini tidak ada yang berubah.
change-email-code = Kami menyurati <b>{ $email }</b>. Ikuti tautan di email itu, atau ketik kodenya di sini.
change-email-follow = Ikuti tautan di email kami.
change-email-back = Alamat email Anda

## Lupa kata sandi

forgot-title = Lupa kata sandi?
forgot-lead = Kami kirimkan tautan untuk memilih kata sandi yang baru.
forgot-no-mail = Toko ini tidak mengirim email. Silakan minta bantuannya.
forgot-button = Kirim tautan
forgot-busy = Mengirim…
forgot-back = Kembali ke halaman masuk

## Kata sandi baru lewat tautan

reset-title = Pilih kata sandi baru
reset-hint = 8 karakter atau lebih. Semua perangkat akan dikeluarkan.
reset-follow = Ikuti tautan di email kami, atau <a>minta yang baru</a>.
reset-log-in = Masuk

## Mengamankan akun

secure-title = Amankan akun Anda
secure-lead = Ini bukan Anda? Mungkin orang lain tahu kata sandi Anda. Langkah ini akan:
secure-devices = mengeluarkan semua perangkat, juga milik Anda,
secure-password = membatalkan kata sandi Anda, dan mengirimkan tautan untuk memilih yang baru,
secure-email = mengembalikan alamat email Anda, bila sempat diubah.
secure-button = Amankan akun saya
secure-busy = Mengamankan akun Anda…
secure-expired = Tautan ini sudah dipakai, atau masa berlakunya habis.
secure-expired-next = Bila Anda mengkhawatirkan akun Anda, <a>pilih kata sandi baru</a>: semua perangkat akan dikeluarkan.
secure-follow = Ikuti tautan di email kami.

## Verifikasi alamat

verify-title = Verifikasi alamat email Anda
verify-code = Kami menyurati <b>{ $email }</b>. Ikuti tautan di email itu, atau ketik kodenya di sini.
verify-typo = Maksud Anda <b>{ $email }</b>? Kalau begitu <a>daftar dengan alamat itu</a>.
verify-button = Verifikasi
verify-busy = Memverifikasi…
verify-again = Belum ada? Periksa juga folder spam.
verify-again-button = Kirim lagi
verify-expired = Tautan ini sudah dipakai, atau masa berlakunya habis.
verify-expired-next = <a>Masuk</a>: bila alamat Anda masih perlu diverifikasi, kami kirim email lagi.
verify-follow = Ikuti tautan di email kami. Tautan itu berfungsi di peramban mana pun.
verify-follow-next = Tidak ada email? <a>Masuk</a>, dan bila alamat Anda masih perlu diverifikasi, kami kirim email lagi.
verify-reclaims = Anda tidak mendaftar di peramban ini. Agar akun ini pasti hanya milik Anda, Anda memilih kata sandi baru setelah ini, dan semua perangkat dikeluarkan.
verify-keeps = Agar kata sandi Anda tetap sama, ikuti tautan di tempat Anda mendaftar, atau ketik kodenya di sana.
verify-link-button = Verifikasi alamat saya

## Yang sudah dilakukan

done-password-changed = Kata sandi Anda sudah diubah, dan semua perangkat lain dikeluarkan.
done-email-proposed = Kami menyurati alamat baru Anda. Sebelum Anda mengikuti tautan di sana, alamat lama yang berlaku.
done-email-withdrawn = Alamat Anda tetap seperti semula.
done-email-changed = Alamat email Anda sudah diubah, dan semua perangkat lain dikeluarkan.
done-account-secured = Semua perangkat dikeluarkan, dan kata sandi lama tidak berlaku. Kami mengirim tautan untuk memilih yang baru.
done-verification-sent = Email lain sedang dikirim. Yang sebelumnya tidak berlaku lagi.
done-reset-asked = Bila ada akun dengan alamat ini, tautannya sedang dikirim. Berlaku selama setengah jam.
done-password-reset = Kata sandi Anda sudah diubah, dan semua perangkat dikeluarkan. Sekarang masuk dengan kata sandi itu.
done-device-signed-out = Selesai. Siapa pun yang memakai perangkat itu harus masuk lagi.
done = Selesai.

## Bila sesuatu tidak ada, atau rusak

not-found-title = Halaman tidak ditemukan
not-found-lead = Tidak ada apa-apa di alamat ini. Mungkin salah ketik, atau halamannya sudah pindah.
not-found-home = Ke halaman depan
broken-title = Itu tidak berhasil
unavailable-title = Kami segera kembali
broken-home = Ke halaman depan

## Tempat pengembang mencoba-coba

kept-mail = Email tidak dikirim di sini, tetapi ditampilkan
dev-mail-title = Email
dev-mail-lead = Tidak ada server email yang diatur, jadi email ditampilkan di sini dan tidak dikirim ke siapa pun. 50 yang terbaru disimpan.
dev-mail-none = Belum ada email
dev-mail-none-lead = Muat ulang halaman setelah sesuatu terjadi.
dev-mail-to = Kepada { $email }
