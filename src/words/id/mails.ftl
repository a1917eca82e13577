# Teks email.

mail-hello = Halo { $name },
mail-hello-nobody = Halo,
mail-about = Anda menerima email ini karena akun Anda di { $shop }.
mail-copy = Atau salin tautan ini: { $link }
mail-from = { $minute }, dari { $address }
mail-device-unknown = Perangkat tidak dikenal
mail-log-in = Masuk
mail-not-me = Ini bukan saya
mail-secure = Jika ini Anda, abaikan email ini. Jika bukan, segera amankan akun Anda. Tautannya berlaku selama 3 hari.
mail-or-link = Atau gunakan tautan ini. Keduanya berlaku selama 24 jam.

mail-new-device = Login baru ke akun Anda
mail-new-device-what = Kami mendeteksi login dari perangkat baru:

mail-password-changed = Kata sandi Anda telah diubah
mail-password-changed-what = Kata sandi Anda telah diubah, dan semua perangkat lain telah keluar:

mail-email-change-proposed = Ada permintaan untuk mengubah alamat email Anda
mail-email-change-proposed-what = Seseorang yang sudah masuk ke akun Anda meminta perubahan alamat email. Belum ada yang berubah:
mail-email-change-proposed-secure = Jika ini Anda, abaikan email ini. Jika bukan, segera amankan akun Anda. Tautannya berlaku selama 3 hari. Semua perangkat akan otomatis keluar, dan Anda membuat kata sandi baru.

mail-email-changed = Alamat email Anda telah diubah
mail-email-changed-what = Akun Anda sekarang menggunakan alamat email lain. Ini email terakhir kami ke alamat ini.
mail-email-changed-secure = Jika ini Anda, abaikan email ini. Jika bukan, segera amankan akun Anda. Tautannya berlaku selama 3 hari. Alamat email Anda dikembalikan, semua perangkat akan otomatis keluar, dan Anda membuat kata sandi baru.
mail-email-change-undone = Perubahan alamat email Anda dibatalkan
mail-email-change-undone-what = Akun Anda di { $shop } kembali menggunakan alamat email sebelumnya, bukan alamat ini. Semua perangkat telah keluar dan kata sandi baru harus dibuat.
mail-email-change-undone-else = Jika Anda tidak memintanya, segera hubungi { $shop }.

mail-reset-password = Atur ulang kata sandi Anda
mail-reset-password-what = Kami menerima permintaan untuk mengatur ulang kata sandi Anda. Untuk membuat kata sandi baru, gunakan tautan ini dalam 30 menit:
mail-reset-password-else = Bukan Anda yang meminta? Abaikan email ini. Permintaannya berasal dari:
mail-reset-password-fear = Curiga ada yang masuk ke akun Anda? Keluar dari semua perangkat:
mail-sign-out-all = Keluar dari semua perangkat
mail-account-secured-what = Akun Anda sudah aman: semua perangkat telah keluar dan kata sandi lama tidak berlaku lagi. Untuk membuat kata sandi baru, gunakan tautan ini dalam 30 menit:

mail-verify-email = Verifikasi alamat email Anda
mail-verify-email-what = Kode verifikasi { $shop } Anda:
mail-verify-email-button = Verifikasi alamat email saya
mail-verify-email-else = Bukan Anda yang meminta? Abaikan email ini. Permintaannya berasal dari:

mail-already-customer = Anda sudah punya akun
mail-already-customer-what = Seseorang mencoba mendaftar di { $shop } dengan alamat email ini, tetapi Anda sudah punya akun. Jika itu Anda, silakan masuk:
mail-already-customer-forgot = Lupa kata sandi? Atur ulang dalam 30 menit:
mail-already-customer-else = Bukan Anda yang meminta? Abaikan email ini. Akun Anda tidak berubah. Permintaannya berasal dari:

mail-change-email = Konfirmasi alamat email baru Anda
mail-change-email-what = Kode Anda untuk menggunakan alamat email ini di { $shop }:
mail-change-email-else = Bukan Anda yang meminta? Abaikan email ini. Permintaannya berasal dari:

mail-address-taken = Alamat email ini sudah digunakan
mail-address-taken-what = Anda meminta untuk menggunakan alamat email ini untuk akun Anda di { $shop }, tetapi alamat ini sudah dipakai akun lain. Masuk ke akun itu, atau pilih alamat lain:
mail-address-taken-else = Bukan Anda yang meminta? Abaikan email ini. Permintaannya berasal dari:
